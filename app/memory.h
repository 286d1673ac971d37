#pragma once

namespace portcullis::app {

// What the heap has grown to, it keeps. Before any thread is started.
//
// glibc gives a thread's heap back when a large batch is freed, and makes it usable again 4 or 8 KiB at a time with the
// next one: thousands of system calls a second, each of which holds up the page faults of all threads, the core's too.
void keep_memory();

}  // namespace portcullis::app
