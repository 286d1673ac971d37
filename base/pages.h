#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

// Memory that grows with the orders of a day, straight from the system: zeroed, and in huge pages where it has them, so
// that what is looked up among millions misses the processor's address cache less. Whoever touches a page first waits until
// the system has found one and cleared it; a few blocks are kept ready by another thread, where there is one.

namespace portcullis {

// Owns memory. Whole blocks of kBlock.
class Pages {
 public:
  static constexpr std::size_t kBlock = std::size_t{2} << 20;  // bytes; a huge page

  Pages() = default;
  // At least `bytes`. Throws std::bad_alloc.
  explicit Pages(std::size_t bytes);
  ~Pages() { release(); }
  Pages(Pages&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    if (this != &other) {
      release();
      memory_ = std::exchange(other.memory_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }

  std::byte* get() const { return memory_; }
  std::size_t bytes() const { return bytes_; }
  // Has the system give all of it now.
  void touch();

 private:
  void release();

  std::byte* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

// Blocks that are ready to be taken, for all of the process: Pages of one block come from here while there are some.
class ReadyPages {
 public:
  static constexpr std::size_t kBlocks = 16;

  // Called with whether fewer than half of the blocks are ready: by whoever has taken one if it is so, and by the thread that
  // keeps them before each that it makes. Null: nobody is told.
  using Told = void (*)(bool scarce);
  static void tell(Told told);

  // For the thread that keeps them: makes those that are missing, then waits until one is taken. Returns false when
  // stop() was called.
  static bool keep();
  // The calling thread makes its pages itself from now on: what is ready is for threads that an order waits for.
  static void leave_to_others();
  // keep() returns, now and when it is called again.
  static void stop();
  // Gives back what is ready, and keep() may be called again. Nobody keeps meanwhile.
  static void clear();

 private:
  friend class Pages;
  static std::byte* take();
};

// `count` values, all of their bytes zero until they are written.
template <typename T>
class PageArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  PageArray() = default;
  explicit PageArray(std::size_t count) : pages_(count * sizeof(T)), count_(count) {}
  PageArray(const PageArray& other) : PageArray() { *this = other; }
  PageArray& operator=(const PageArray& other) {
    if (this == &other) return *this;
    PageArray made;
    if (other.count_ != 0) {
      made = PageArray(other.count_);
      std::memcpy(made.pages_.get(), other.pages_.get(), count_bytes(other.count_));
    }
    return *this = std::move(made);
  }
  PageArray(PageArray&& other) noexcept : pages_(std::move(other.pages_)), count_(std::exchange(other.count_, 0)) {}
  PageArray& operator=(PageArray&& other) noexcept {
    pages_ = std::move(other.pages_);
    count_ = std::exchange(other.count_, 0);
    return *this;
  }
  ~PageArray() = default;

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  T& operator[](std::size_t i) { return reinterpret_cast<T*>(pages_.get())[i]; }
  const T& operator[](std::size_t i) const { return reinterpret_cast<const T*>(pages_.get())[i]; }

 private:
  static std::size_t count_bytes(std::size_t count) { return count * sizeof(T); }

  Pages pages_;
  std::size_t count_ = 0;
};

}  // namespace portcullis
