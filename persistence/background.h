#pragma once

#include <cstdint>

// Threads that nobody waits for while an order is on its way: those that follow the journal. Any thread, for itself.

namespace portcullis::persistence {

// Names the thread and lets the ones that orders wait for go first: on the processor (nice 10) and at the disk (the
// class "idle", where the disk's scheduler knows classes). A system that refuses leaves it slower to give way, and
// right.
void work_in_background(const char* thread_name);

// Whether the disk serves the calling thread after all others, or as anyone.
enum class DiskShare : bool { kIdle, kOrdinary };
void set_disk_share(DiskShare share);

// Lets whoever waits for this processor have it now, not at the end of the time slice, which is milliseconds: for each
// few records, while there are few. One that is behind works on: where others always wait, it would never catch up.
void give_way();
inline constexpr std::uint64_t kFewRecords = 100;

}  // namespace portcullis::persistence
