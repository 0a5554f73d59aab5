/* The commands of the program. Each module exports one function, named after it, which takes the
 * command line from the command's name on and returns the exit status (base/exit_status). */
#ifndef CHUNKMILL_CLI_COMMANDS_H
#define CHUNKMILL_CLI_COMMANDS_H

/* commands_main(argc, argv): the program. Returns its exit status. */
int commands_main(int argc, char **argv);

int check_command(int argc, char **argv);
int plan_command(int argc, char **argv);
int run_command(int argc, char **argv); /* collective, where mpirun started several of us */
int status_command(int argc, char **argv);
int release_command(int argc, char **argv);
int abandon_command(int argc, char **argv);
int ledger_command(int argc, char **argv);
int sql_command(int argc, char **argv);
int bench_command(int argc, char **argv); /* collective */

#endif
