# The CPU kernels, compiled once for each instruction set level.
#
# ftl_cpu_levels(<target>) adds every file of engine/backend/cpu/ to the target: on x86-64
# four times (baseline, x86-64-v3, x86-64-v4, and
# that with products of bf16), elsewhere, or without FTL_CPU_LEVELS, once. FTL_CPU_SUFFIX
# tells a file which level it is compiled for; cpu_level.c picks one when the program runs.
# Contraction gives fused multiply-adds, which -std=c11 would switch off. No traps and no
# errno: neither is looked at, and both keep loops from being vectorised. NaN and
# infinity keep their meaning. What is fetched to be written is fetched as such: older
# processors of level v3 take the instruction for none. Sanitizers make a compiler slow: what they look at is
# optimised as all else is.
function(ftl_cpu_levels target)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/backend/cpu/*.c)
    set(levels baseline)
    if(FTL_CPU_LEVELS AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$"
            AND CMAKE_SIZEOF_VOID_P EQUAL 8)
        list(APPEND levels v3 v4 v4_bf16)
        target_compile_definitions(${target} PRIVATE FTL_CPU_X86)
    endif()
    set(flags_v3 -march=x86-64-v3 -mprfchw -mprefer-vector-width=256)
    set(flags_v4 -march=x86-64-v4 -mprfchw -mprefer-vector-width=512)
    set(flags_v4_bf16 ${flags_v4} -mavx512bf16)

    # What this measures decides what runs do, so it has to be the machine in all builds.
    set_source_files_properties(${CMAKE_SOURCE_DIR}/engine/backend/cpu/peak.c PROPERTIES
            COMPILE_OPTIONS "-O3$<$<BOOL:${FTL_SANITIZE}>:;-fno-sanitize=all>")

    foreach(level ${levels})
        set(objects ${target}-cpu-${level})
        add_library(${objects} OBJECT ${sources})
        set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON)
        target_include_directories(${objects} PRIVATE ${CMAKE_SOURCE_DIR})
        target_compile_definitions(${objects} PRIVATE FTL_CPU_SUFFIX=_${level})
        target_compile_options(${objects} PRIVATE $<$<NOT:$<BOOL:${FTL_SANITIZE}>>:-O3>
                -ffp-contract=fast -fno-trapping-math -fno-math-errno ${flags_${level}})
        target_link_libraries(${objects} PRIVATE OpenMP::OpenMP_C)
        ftl_warnings(${objects})
        if(FTL_SANITIZE) # what AddressSanitizer sees too, when such a pointer is used
            target_compile_options(${objects} PRIVATE
                    -fno-sanitize=null,object-size,pointer-overflow)
        endif()
        if(FTL_FUZZ) # what fuzzers look at is elsewhere, and clang takes minutes a file
            target_compile_options(${objects} PRIVATE -fno-sanitize=all)
        endif()
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
    endforeach()
endfunction()
