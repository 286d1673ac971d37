# Language level, warnings and sanitizers for every target of the project.

option(PORTCULLIS_TESTS "build the tests" ON)
option(PORTCULLIS_BENCH "build the benchmarks" OFF)
set(PORTCULLIS_SANITIZE "" CACHE STRING "sanitizers, as for -fsanitize= (address,undefined or thread)")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Paths are hashed relative to the tree, so that another clone finds what this one has compiled.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror -fno-omit-frame-pointer)
add_compile_options(-fstack-protector-strong -D_GLIBCXX_ASSERTIONS)
add_link_options(-Wl,-z,relro -Wl,-z,now)

if(PORTCULLIS_SANITIZE)
  # QuickFIX casts between unrelated classes, so the vptr check cannot be on.
  add_compile_options(-fsanitize=${PORTCULLIS_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PORTCULLIS_SANITIZE})
  if(PORTCULLIS_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)
    # QuickFIX reads numbers by arithmetic that overflows, in its headers.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      add_compile_options(-fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/tests/quickfix.ignore)
    endif()
  endif()
  if(PORTCULLIS_SANITIZE MATCHES "thread")
    # Asio has fences, which GCC's thread sanitizer does not model and warns about.
    add_compile_options(-Wno-tsan)
  endif()
endif()

include_directories(${CMAKE_SOURCE_DIR})

# portcullis_library(<room> <sources>...): one static library a room, named portcullis_<room>.
function(portcullis_library room)
  add_library(portcullis_${room} STATIC ${ARGN})
  # It becomes a part of programs only, whose functions no other library can take the place of: what CMake says for a
  # static library is -fPIC, which has to reckon with that and inlines less.
  target_compile_options(portcullis_${room} PRIVATE -fPIE)
  target_include_directories(portcullis_${room} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()

# portcullis_test(<name> SOURCES ... LIBRARIES ...): one GoogleTest program, each test known to ctest.
function(portcullis_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(PORTCULLIS_SANITIZE)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 6")  # that much slower
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gtest_main GTest::gmock)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
