/* faults.h - every end of the program has an exit status and a message. */
#ifndef FTL_TOOLS_FAULTS_H
#define FTL_TOOLS_FAULTS_H

/* First thing in main(). A file that would exceed `ulimit -f` then fails like one on a
 * full disk, not by a signal. oneDNN is C++: an exception that it lets out, since
 * memory is short, ends the program with status 1 and a message, not by abort(). */
void cli_meet_faults(void);

#endif
