/* Each rank says who and where it is. With seconds as an argument it then stays for so long, and with
 * "dies RANK" that rank ends itself by a signal after a second. */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Every rank hears of every other, twice. MPICH 4.0 over UCX may wait for ever in MPI_Finalize for a connection
 * that was begun by the last message and that the other side, waiting elsewhere already, does not complete. */
static void greetEachOther(int size)
{
    int *out = calloc((size_t) size, sizeof *out);
    int *in = calloc((size_t) size, sizeof *in);

    if (out == NULL || in == NULL)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int round = 0; round < 2; round++) {
        MPI_Alltoall(out, 1, MPI_INT, in, 1, MPI_INT, MPI_COMM_WORLD);
        MPI_Barrier(MPI_COMM_WORLD);
    }
    free(out);
    free(in);
}

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
    greetEachOther(size);
    if (argc > 2 && strcmp(argv[1], "dies") == 0) {
        if (rank == atoi(argv[2])) {
            sleep(1);
            raise(SIGKILL);
        }
        MPI_Barrier(MPI_COMM_WORLD); /* never comes: the other ranks wait for it */
    } else if (argc > 1) {
        sleep((unsigned) atoi(argv[1]));
    }
    MPI_Finalize();
    return 0;
}
