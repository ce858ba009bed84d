# The warnings that all of our code must be free of, and the sanitizers.
function(ftl_warnings target)
    target_compile_options(${target} PRIVATE
            -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
            -Wvla -Wundef -Wformat=2 -Wcast-qual -Wcast-align -Wpointer-arith
            -Wwrite-strings -Wdouble-promotion -Wfloat-conversion -Wnull-dereference
            -Wswitch-enum)
    if(FTL_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(FTL_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=address,undefined
                -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=address,undefined)
    endif()
endfunction()
