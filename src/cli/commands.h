/* The commands of the program: one room each; this one picks. */
#ifndef CHUNKMILL_CLI_COMMANDS_H
#define CHUNKMILL_CLI_COMMANDS_H

/* commands_main(argc, argv): the program. Returns its exit status (PROTOCOL, section "Labels, hash, exit
 * status"). */
int commands_main(int argc, char **argv);

#endif
