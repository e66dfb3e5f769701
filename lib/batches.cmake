# Compiling sources in batches: most of what a source costs is its headers, which a batch reads once.
#
# What CMake has for it (UNITY_BUILD) names sources by whole paths, so that a compiler cache misses in
# a clone elsewhere, and moves the border of every later batch where a source is added.

# rz_module_of(OUT SOURCE): the folder below lib/rz/ or tests/ that SOURCE (a whole path) lies in.
function(rz_module_of out source)
  file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
  string(REGEX REPLACE "^(lib/rz|tests)/" "" path ${path})
  string(REGEX REPLACE "/.*" "" module ${path})
  set(${out} ${module} PARENT_SCOPE)
endfunction()

# rz_write_batches(OUT FOLDER NAME SIZE SOURCES…): writes FOLDER/NAME_0.cc and so on, each of which includes
# about SIZE of SOURCES. Where a source goes depends on its name alone, so that a new one leaves the
# others where they are.
function(rz_write_batches out folder name size)
  list(LENGTH ARGN count)
  math(EXPR batches "(${count} + ${size} - 1) / ${size}")
  foreach(source ${ARGN})
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
    string(MD5 digest ${path})
    string(SUBSTRING ${digest} 0 6 digest)
    math(EXPR index "0x${digest} % ${batches}")
    string(APPEND batch_${index} "#include \"${path}\"\n")
  endforeach()
  set(written)
  math(EXPR last "${batches} - 1")
  foreach(index RANGE ${last})
    if(DEFINED batch_${index})
      file(CONFIGURE OUTPUT ${folder}/${name}_${index}.cc CONTENT "${batch_${index}}" @ONLY)
      list(APPEND written ${folder}/${name}_${index}.cc)
    endif()
  endforeach()
  set(${out} ${written} PARENT_SCOPE)
endfunction()

# rz_batch(TARGET [SIZE]): compiles the C++ sources that TARGET has so far in batches, by module, if RZ_BATCHES
# is set. Those with options of their own are left alone. SIZE: how many make a batch, 20 by default; what is not
# optimized may have more, since most of its cost is its headers.
function(rz_batch target)
  set(size 20)
  if(ARGC GREATER 1)
    set(size ${ARGV1})
  endif()
  if(NOT RZ_BATCHES)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  set(kept)
  set(modules)
  foreach(source ${sources})
    get_source_file_property(options ${source} TARGET_DIRECTORY ${target} COMPILE_OPTIONS)
    get_source_file_property(definitions ${source} TARGET_DIRECTORY ${target} COMPILE_DEFINITIONS)
    if(options OR definitions OR NOT source MATCHES "\\.cc$")
      list(APPEND kept ${source})
      continue()
    endif()
    get_filename_component(source ${source} ABSOLUTE BASE_DIR ${folder})
    rz_module_of(module ${source})
    list(APPEND modules ${module})
    list(APPEND sources_${module} ${source})
  endforeach()
  list(REMOVE_DUPLICATES modules)
  foreach(module ${modules})
    rz_write_batches(batches ${CMAKE_BINARY_DIR}/batches/${target} ${module} ${size} ${sources_${module}})
    list(APPEND kept ${batches})
  endforeach()
  set_target_properties(${target} PROPERTIES SOURCES "${kept}")
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()
