/* Pi as the integral of 4 / (1 + x * x) from 0 to 1, by the midpoint rule, each rank every size-th part. */
#include <math.h>
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const long parts = 10000000;
    const double width = 1.0 / (double) parts;
    double sum = 0, pi = 0;
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (long part = rank; part < parts; part += size) {
        double x = ((double) part + 0.5) * width;
        sum += 4.0 / (1.0 + x * x);
    }
    sum *= width;
    MPI_Reduce(&sum, &pi, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0)
        printf("pi is %.10f, by %d ranks, wrong by less than 1e-9: %s\n", pi, size,
               fabs(pi - 3.14159265358979323846) < 1e-9 ? "yes" : "no");
    /* Nobody leaves before all have come this far: MPICH 4.0 over UCX may lose what a rank that is
     * leaving has sent last, and rank 0 would wait for it for ever. */
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
