/* A small ray tracer for MPI: spheres over a checkered floor, with shadows and reflections.
 *
 *     ray FILE [WIDTH HEIGHT]
 *
 * Rank 0 writes the picture to FILE as a PPM. Rows go to ranks in turn, and what a pixel gets depends on
 * its place alone, so the picture of any number of ranks is the same, byte for byte. */
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { double x, y, z; } Vec;

typedef struct {
    Vec centre;
    double radius;
    Vec colour;
    double mirror; /* share of light that is reflected */
} Sphere;

typedef struct {
    double distance; /* negative: nothing is hit */
    Vec point, normal, colour;
    double mirror;
} Hit;

static const double nearest = 1e-6;
static const int bounces_max = 4;
static const Vec light = { 5, 8, -6 };

static const Sphere spheres[] = {
    { { 0.0, 1.0, 0.0 }, 1.0, { 0.9, 0.2, 0.2 }, 0.3 },
    { { 2.2, 0.7, 0.8 }, 0.7, { 0.2, 0.8, 0.3 }, 0.2 },
    { { -2.3, 0.8, 0.4 }, 0.8, { 0.2, 0.4, 0.9 }, 0.4 },
    { { 0.9, 0.35, -1.7 }, 0.35, { 0.95, 0.85, 0.3 }, 0.1 },
    { { -1.0, 0.45, -1.5 }, 0.45, { 0.8, 0.8, 0.85 }, 0.7 },
};
static const int sphere_count = sizeof spheres / sizeof spheres[0];

static Vec vec(double x, double y, double z) { Vec v = { x, y, z }; return v; }
static Vec add(Vec a, Vec b) { return vec(a.x + b.x, a.y + b.y, a.z + b.z); }
static Vec sub(Vec a, Vec b) { return vec(a.x - b.x, a.y - b.y, a.z - b.z); }
static Vec scale(Vec a, double s) { return vec(a.x * s, a.y * s, a.z * s); }
static double dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vec unit(Vec a) { return scale(a, 1.0 / sqrt(dot(a, a))); }

static void hit_spheres(Vec from, Vec along, Hit *best)
{
    for (int i = 0; i < sphere_count; i++) {
        const Sphere *s = &spheres[i];
        Vec to = sub(from, s->centre);
        double b = dot(to, along);
        double d = b * b - dot(to, to) + s->radius * s->radius;
        if (d < 0)
            continue;
        double root = sqrt(d);
        double t = -b - root > nearest ? -b - root : -b + root;
        if (t < nearest || (best->distance >= 0 && t > best->distance))
            continue;
        best->distance = t;
        best->point = add(from, scale(along, t));
        best->normal = unit(sub(best->point, s->centre));
        best->colour = s->colour;
        best->mirror = s->mirror;
    }
}

static void hit_floor(Vec from, Vec along, Hit *best)
{
    if (along.y > -1e-9)
        return;
    double t = -from.y / along.y;
    if (t < nearest || (best->distance >= 0 && t > best->distance))
        return;
    best->distance = t;
    best->point = add(from, scale(along, t));
    best->normal = vec(0, 1, 0);
    int odd = ((long) floor(best->point.x) + (long) floor(best->point.z)) & 1;
    best->colour = odd ? vec(0.85, 0.85, 0.85) : vec(0.25, 0.25, 0.3);
    best->mirror = 0.15;
}

static Hit first_hit(Vec from, Vec along)
{
    Hit hit;
    memset(&hit, 0, sizeof hit);
    hit.distance = -1;
    hit_spheres(from, along, &hit);
    hit_floor(from, along, &hit);
    return hit;
}

static int in_shadow(Vec point, Vec to_light, double distance)
{
    Hit hit;
    memset(&hit, 0, sizeof hit);
    hit.distance = -1;
    hit_spheres(point, to_light, &hit);
    return hit.distance >= 0 && hit.distance < distance;
}

static Vec colour_of(Vec from, Vec along, int bounces)
{
    Hit hit = first_hit(from, along);
    if (hit.distance < 0) {
        double up = 0.5 * (along.y + 1.0);
        return add(scale(vec(1, 1, 1), 1 - up), scale(vec(0.35, 0.55, 0.95), up));
    }
    Vec to_light = sub(light, hit.point);
    double distance = sqrt(dot(to_light, to_light));
    to_light = scale(to_light, 1.0 / distance);
    double bright = 0.12;
    double facing = dot(hit.normal, to_light);
    if (facing > 0 && !in_shadow(add(hit.point, scale(hit.normal, 1e-5)), to_light, distance))
        bright += 0.88 * facing;
    Vec own = scale(hit.colour, bright);
    if (bounces == 0 || hit.mirror <= 0)
        return own;
    Vec back = sub(along, scale(hit.normal, 2 * dot(along, hit.normal)));
    Vec seen = colour_of(add(hit.point, scale(hit.normal, 1e-5)), unit(back), bounces - 1);
    return add(scale(own, 1 - hit.mirror), scale(seen, hit.mirror));
}

static unsigned char byte_of(double value)
{
    double level = value < 0 ? 0 : value > 1 ? 1 : value;
    return (unsigned char) (255.0 * sqrt(level) + 0.5);
}

static void render_row(int y, int width, int height, unsigned char *row)
{
    static const double offsets[2] = { 0.25, 0.75 };
    Vec eye = vec(0, 1.8, -6);
    for (int x = 0; x < width; x++) {
        Vec sum = vec(0, 0, 0);
        for (int i = 0; i < 4; i++) {
            double u = (2.0 * (x + offsets[i & 1]) - width) / height;
            double v = (height - 2.0 * (y + offsets[i >> 1])) / height;
            sum = add(sum, colour_of(eye, unit(vec(u, v - 0.15, 2.2)), bounces_max));
        }
        row[3 * x] = byte_of(sum.x / 4);
        row[3 * x + 1] = byte_of(sum.y / 4);
        row[3 * x + 2] = byte_of(sum.z / 4);
    }
}

static void write_picture(const char *file, const unsigned char *picture, int width, int height)
{
    FILE *out = fopen(file, "wb");
    if (out == NULL) {
        perror(file);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    fprintf(out, "P6\n%d %d\n255\n", width, height);
    fwrite(picture, 3, (size_t) width * height, out);
    if (fclose(out) != 0) {
        perror(file);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
}

int main(int argc, char **argv)
{
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    int width = argc > 3 ? atoi(argv[2]) : 640;
    int height = argc > 3 ? atoi(argv[3]) : 480;
    if (argc < 2 || width < 1 || height < 1 || width > 20000 || height > 20000) {
        if (rank == 0)
            fprintf(stderr, "usage: ray FILE [WIDTH HEIGHT]\n");
        MPI_Finalize();
        return 2;
    }
    size_t row_bytes = (size_t) width * 3;
    unsigned char *row = malloc(row_bytes);
    unsigned char *picture = rank == 0 ? malloc(row_bytes * (size_t) height) : NULL;
    for (int y = 0; y < height; y++) {
        /* A message for each row: small ones need no agreement between sender and receiver. */
        int owner = y % size;
        if (owner == rank) {
            render_row(y, width, height, row);
            if (rank != 0)
                MPI_Send(row, (int) row_bytes, MPI_UNSIGNED_CHAR, 0, y, MPI_COMM_WORLD);
        } else if (rank == 0) {
            MPI_Recv(row, (int) row_bytes, MPI_UNSIGNED_CHAR, owner, y, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        }
        if (rank == 0)
            memcpy(picture + row_bytes * (size_t) y, row, row_bytes);
    }
    if (rank == 0) {
        write_picture(argv[1], picture, width, height);
        printf("%d x %d by %d ranks\n", width, height, size);
    }
    free(picture);
    free(row);
    /* Nobody leaves before all have come this far: MPICH 4.0 over UCX may lose what a rank that is
     * leaving has sent last, and rank 0 would wait for it for ever. */
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
