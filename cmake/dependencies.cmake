# Everything comes from the distribution's packages; scripts/install-dependencies names them.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
# Where the library was built with it: XXH3 by the widest vectors of the processor that it runs on.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::XXHASH)
check_cxx_source_compiles(
  "#include <xxh_x86dispatch.h>
  int main(int, char** arguments) { return XXH3_64bits_withSeed_dispatch(arguments[0], 1, 2) == 3; }"
  PORTCULLIS_XXHASH_DISPATCHES)
unset(CMAKE_REQUIRED_LIBRARIES)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)

# Debian's package has no CMake file, and its .pc file names an older version; the library is one file.
find_library(QUICKFIX_LIBRARY quickfix REQUIRED)
find_path(QUICKFIX_INCLUDE_DIR quickfix/Session.h REQUIRED)
add_library(quickfix_headers INTERFACE)
target_include_directories(quickfix_headers SYSTEM INTERFACE ${QUICKFIX_INCLUDE_DIR} ${QUICKFIX_INCLUDE_DIR}/quickfix)
target_link_libraries(quickfix_headers INTERFACE ${QUICKFIX_LIBRARY} Threads::Threads)

if(PORTCULLIS_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(PORTCULLIS_BENCH)
  find_package(benchmark REQUIRED)
endif()
