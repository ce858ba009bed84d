# What `cmake --install` installs: program, manual page, completions of bash, library,
# headers (under include/fairtl/, with their paths from the root of this tree), presets,
# scripts for files of other programs, documentation, a pkg-config file and a package for
# find_package(). The prefix may be chosen at install time, and moved later.

include(CMakePackageConfigHelpers)

install(TARGETS fairtl-library EXPORT fairtl
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET fairtl)
    # Where a shared library is, seen from the program, whatever the prefix.
    file(RELATIVE_PATH FTL_RPATH /prefix/${CMAKE_INSTALL_BINDIR} /prefix/${CMAKE_INSTALL_LIBDIR})
    if(BUILD_SHARED_LIBS)
        set_target_properties(fairtl PROPERTIES INSTALL_RPATH "$ORIGIN/${FTL_RPATH}")
    endif()
    install(TARGETS fairtl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    # The program writes its manual page from the tables of --help.
    foreach(text man:fairtl.1 bash-completion:fairtl.bash)
        string(REPLACE ":" ";" text ${text})
        list(GET text 0 option)
        list(GET text 1 output)
        add_custom_command(OUTPUT ${output} COMMAND fairtl --${option} > ${output}
                DEPENDS fairtl VERBATIM)
        list(APPEND FTL_TEXTS ${output})
    endforeach()
    add_custom_target(manual ALL DEPENDS ${FTL_TEXTS})
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fairtl.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fairtl.bash RENAME fairtl
            DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

# Headers beside a library's own, such as h5_internal.h, are of no use outside.
foreach(folder engine configs datasets checkpoints trainers)
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/fairtl
            FILES_MATCHING PATTERN "*.h" PATTERN "*.def"
            PATTERN "*_internal.h" EXCLUDE
            PATTERN "backend/cpu" EXCLUDE)
endforeach()
file(GLOB FTL_PRESETS CONFIGURE_DEPENDS configs/*.yaml)
install(FILES ${FTL_PRESETS} DESTINATION ${CMAKE_INSTALL_DATADIR}/fairtl/configs)
file(GLOB FTL_SCRIPTS CONFIGURE_DEPENDS tools/*.py)
install(PROGRAMS ${FTL_SCRIPTS} DESTINATION ${CMAKE_INSTALL_DATADIR}/fairtl/tools)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

# A static library brings along all that it needs; a shared one knows it itself.
get_target_property(FTL_LIBRARY_TYPE fairtl-library TYPE)
set(FTL_PC_PACKAGES "yaml-0.1 jansson libjpeg libpng zlib libcrypto")
set(FTL_PC_LIBRARIES "-ldnnl -llapacke")
foreach(library ${HDF5_C_LIBRARIES})
    if(library MATCHES "hdf5")
        string(APPEND FTL_PC_LIBRARIES " ${library}")
    endif()
endforeach()
string(APPEND FTL_PC_LIBRARIES " ${OpenMP_C_FLAGS} -lm")
set(FTL_PC_KIND "")
set(FTL_PC_LIBS "-L\${libdir} -lfairtl")
if(FTL_LIBRARY_TYPE STREQUAL "SHARED_LIBRARY")
    set(FTL_PC_KIND ".private")
    set(FTL_PC_LIBS_PRIVATE "${FTL_PC_LIBRARIES}")
else()
    string(APPEND FTL_PC_LIBS " ${FTL_PC_LIBRARIES}")
endif()
file(RELATIVE_PATH FTL_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" FTL_PC_UP ${FTL_PC_UP})
configure_file(cmake/fairtl.pc.in fairtl.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fairtl.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(FTL_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/fairtl)
install(EXPORT fairtl NAMESPACE fairtl:: FILE fairtl-targets.cmake DESTINATION ${FTL_CMAKE_DIR})
configure_package_config_file(cmake/fairtl-config.cmake.in fairtl-config.cmake
        INSTALL_DESTINATION ${FTL_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(fairtl-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fairtl-config.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/fairtl-config-version.cmake DESTINATION ${FTL_CMAKE_DIR})
