package io.tidegate.bench;

/**
 * One measurement of one contender.
 *
 * @param round from 1
 * @param cpuMicros processor time of the contender's processes per request, microseconds
 * @param busy processors that it kept busy, 1 for all of one
 * @param residentBytes of its processes, at the end
 */
record Sample(
    String work,
    String contender,
    int round,
    LoadResult load,
    double cpuMicros,
    double busy,
    long residentBytes) {}
