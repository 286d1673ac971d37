# The web console, bundled and compressed into CONSOLE_SOURCE. The sources are copied into the build
# folder, so that two builds never share a node_modules, and npm runs again only for a new lock file.
find_program(NODE_PROGRAM NAMES node nodejs REQUIRED)
find_program(NPM_PROGRAM npm REQUIRED)

set(work ${CMAKE_BINARY_DIR}/console/work)
set(packages package.json package-lock.json .npmrc)
file(GLOB_RECURSE sources RELATIVE ${CMAKE_CURRENT_LIST_DIR} CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_LIST_DIR}/src/*)
list(APPEND sources build.mjs tsconfig.json)

list(TRANSFORM packages PREPEND ${CMAKE_CURRENT_LIST_DIR}/ OUTPUT_VARIABLE package_files)
add_custom_command(
  OUTPUT ${work}/packages.stamp
  COMMAND ${CMAKE_COMMAND} -E make_directory ${work}
  COMMAND ${CMAKE_COMMAND} -E copy ${package_files} ${work}
  COMMAND ${CMAKE_COMMAND} -E chdir ${work} ${NPM_PROGRAM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${work}/packages.stamp
  DEPENDS ${package_files}
  COMMENT "console: npm ci"
  VERBATIM)

list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/ OUTPUT_VARIABLE source_files)
set(CONSOLE_SOURCE ${CMAKE_BINARY_DIR}/console/console_assets.cc)
add_custom_command(
  OUTPUT ${CONSOLE_SOURCE}
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${work}/src
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${CMAKE_CURRENT_LIST_DIR}/src ${work}/src
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_LIST_DIR}/build.mjs ${CMAKE_CURRENT_LIST_DIR}/tsconfig.json ${work}
  COMMAND ${CMAKE_COMMAND} -E chdir ${work} ${NODE_PROGRAM} node_modules/typescript/bin/tsc --noEmit
  COMMAND ${CMAKE_COMMAND} -E chdir ${work} ${NODE_PROGRAM} build.mjs ${CONSOLE_SOURCE}
  DEPENDS ${source_files} ${work}/packages.stamp
  COMMENT "console: type check, bundle, compress"
  VERBATIM)
