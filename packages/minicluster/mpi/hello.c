/* Each rank says who and where it is. With seconds as an argument it then stays for so long, and with
 * "dies RANK" that rank ends itself by a signal after a second. */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int rank, size;
    char host[256];

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    gethostname(host, sizeof host);
    printf("hello from rank %d of %d on %s\n", rank, size, host);
    fflush(stdout);
    MPI_Barrier(MPI_COMM_WORLD);
    if (argc > 2 && strcmp(argv[1], "dies") == 0) {
        if (rank == atoi(argv[2])) {
            sleep(1);
            raise(SIGKILL);
        }
        MPI_Barrier(MPI_COMM_WORLD); /* never comes: the other ranks wait for it */
    } else if (argc > 1) {
        sleep((unsigned) atoi(argv[1]));
    }
    /* An MPICH before 4.2 over UCX's TCP hangs in MPI_Finalize when one rank is through before another has begun:
     * see docs/mpi.md. After a second without a message all ranks begin together. */
    sleep(1);
    MPI_Finalize();
    return 0;
}
