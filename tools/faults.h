/* faults.h - every end of the program has an exit status and a message. */
#ifndef FTL_TOOLS_FAULTS_H
#define FTL_TOOLS_FAULTS_H

/* First thing in main(). A file that would exceed `ulimit -f` then fails like one on a
 * full disk, not by a signal. Libraries that end the program because memory is short
 * (oneDNN throws an exception of C++, HDF5 calls exit, or crashes) do it with status 1
 * and a message. A crash in code of our own ends it as ever, status 128 + number of the
 * signal, but behind a message. */
void cli_meet_faults(void);

/* Last thing in main(), with its exit status, which it gives back: what ends the
 * program from now on is no fault. */
int cli_leave(int status);

#endif
