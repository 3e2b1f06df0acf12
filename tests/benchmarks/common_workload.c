/* The common workload (described in common_workload.py) in C: what the kernel idiom is measured against.

   Usage: common_workload PEOPLE THREADS ROUNDS. Prints the best time in seconds, then the answers.
   People stand in blocks of one sex; years are the outer loop and people the inner one, which the compiler
   vectorises. With -DSINGLE everything but the draws is computed in single precision. */
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef SINGLE
typedef float real;
#define SQUARE_ROOT sqrtf
#else
typedef double real;
#define SQUARE_ROOT sqrt
#endif

enum { BLOCK = 128, STEPS = 40, STATES = 5, BANDS = 8, ANSWERS = 8, MOST_THREADS = 64 };

static real moves[2][BANDS][STATES][STATES - 1]; /* cumulated over targets */
static real profile[2][STEPS], average[STEPS + 1];
static const double starts[STATES - 1] = {0.35, 0.45, 0.65, 0.80};

static inline uint64_t mix(uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  return bits ^ (bits >> 31);
}

static inline uint64_t person_key(uint64_t seed, uint64_t person) {
  uint64_t key = mix(seed + 0x9E3779B97F4A7C15u);
  return mix(key ^ (person * 0xD1342543DE82EF95u + 0x9E3779B97F4A7C15u));
}

static inline real uniform(uint64_t key, uint64_t process, uint64_t step) {
  uint64_t bits = mix(key + (process + 1) * 0xD1342543DE82EF95u + (step + 2) * 0xA0761D6478BD642Fu);
  return (real)(((double)(int64_t)(bits >> 12) + 0.5) * 0x1p-52);
}

/* logarithm of a positive number, relative error 1e-9: the mantissa by a series, the exponent by its bits */
static inline double logarithm(double x) {
  int64_t bits, exponent;
  memcpy(&bits, &x, 8);
  exponent = (bits - 0x3FE6A09E667F3BCD) >> 52;
  bits -= exponent << 52;
  memcpy(&x, &bits, 8);
  double s = (x - 1.0) / (x + 1.0), z = s * s;
  double series = 1.0 + z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + z * (1.0 / 11)))));
  return 2.0 * s * series + (double)exponent * 0.6931471805599453;
}

/* exponential for arguments within +-8, relative error 1e-9: a short series of x/128, squared seven times */
static inline real exponential(real x) {
  real y = x * (real)(1.0 / 128);
  real e = 1 + y * (1 + y * ((real)0.5 + y * ((real)(1.0 / 6) + y * ((real)(1.0 / 24) + y * (real)(1.0 / 120)))));
  e *= e; e *= e; e *= e; e *= e; e *= e; e *= e;
  return e * e;
}

/* standard normal quantile, relative error 1.2e-9 (P. J. Acklam's rational approximations) */
static inline real inverse_normal(real p) {
  real q = p - (real)0.5, r = q * q;
  real centre = q *
    (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r
      - 30.66479806614716) * r + 2.506628277459239) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r
      - 13.28068155288572) * r + 1);
  real least = p < (real)0.5 ? p : 1 - p;
  real t = SQUARE_ROOT((real)(-2.0 * logarithm(least)));
  real tail =
    (((((-0.007784894002430293 * t - 0.3223964580411365) * t - 2.400758277161838) * t - 2.549732539343734) * t
      + 4.374664141464968) * t + 2.938163982698783) /
    ((((0.007784695709041462 * t + 0.3224671290700398) * t + 2.445134137142996) * t + 3.754408661907416) * t + 1);
  tail = q < 0 ? tail : -tail;
  return least < (real)0.02425 ? tail : centre;
}

static void block(uint64_t first, double *answers) {
  uint64_t key[BLOCK];
  real u[BLOCK], next[BLOCK], state[BLOCK], effect[BLOCK], shock[BLOCK], account[BLOCK], index[BLOCK], years[BLOCK], paid[BLOCK], wage[BLOCK];
  int sex = (first / BLOCK) & 1;
  for (int j = 0; j < BLOCK; j++) {
    key[j] = person_key(1, first + j);
    real draw = uniform(key[j], 0, 1000);
    state[j] = 0;
    for (int k = 0; k < STATES - 1; k++) state[j] += draw > (real)starts[k] ? (real)1 : (real)0;
    effect[j] = (real)0.45 * inverse_normal(uniform(key[j], 2, 1000));
    shock[j] = account[j] = index[j] = years[j] = paid[j] = wage[j] = 0;
  }
  for (int step = 0; step < STEPS; step++) {
    real level = profile[sex][step], mean = average[step];
    for (int j = 0; j < BLOCK; j++) u[j] = uniform(key[j], 0, step);
    for (int j = 0; j < BLOCK; j++) next[j] = 0;
    for (int k = 0; k < STATES - 1; k++) {
      real(*row)[STATES - 1] = moves[sex][step / 5];
      real from0 = row[0][k], from1 = row[1][k], from2 = row[2][k], from3 = row[3][k], from4 = row[4][k];
      for (int j = 0; j < BLOCK; j++) {
        real limit = state[j] < 1 ? from0 : from1;
        limit = state[j] < 2 ? limit : from2;
        limit = state[j] < 3 ? limit : from3;
        limit = state[j] < 4 ? limit : from4;
        next[j] += u[j] > limit ? (real)1 : (real)0;
      }
    }
    for (int j = 0; j < BLOCK; j++) u[j] = uniform(key[j], 1, step);
    for (int j = 0; j < BLOCK; j++) shock[j] = (real)0.9 * shock[j] + (real)0.12 * inverse_normal(u[j]);
    for (int j = 0; j < BLOCK; j++) {
      real earned = exponential(level + effect[j] + shock[j]);
      wage[j] = earned * mean;
      real ratio = earned < (real)0.6 ? (real)0.6 : earned;
      ratio = ratio > 3 ? (real)3 : ratio;
      real base = ratio * mean * 12;
      real rate = next[j] < 1 ? (real)0.24 : (real)0.20;
      rate = next[j] < 2 ? rate : (real)0.02;
      rate = next[j] < 3 ? rate : (real)0;
      real credit = next[j] < 2 ? (real)0.08 : (real)0.01;
      credit = next[j] < 3 ? credit : (real)0;
      paid[j] += rate * base;
      account[j] = account[j] * (real)1.05 + credit * base;
      index[j] += next[j] < 2 ? ratio : (real)0;
      years[j] += next[j] < 2 ? (real)1 : (real)0;
      state[j] = next[j];
    }
  }
  for (int j = 0; j < BLOCK; j++) {
    answers[6] += paid[j];
    if (years[j] >= 15) {
      real pension = average[STEPS] * (1 + index[j] / years[j]) / 2 * years[j] * (real)0.01 + account[j] / 139;
      answers[sex] += pension / wage[j];
      answers[2 + sex] += 1;
    } else {
      answers[4] += account[j];
    }
    answers[5] += 1;
  }
}

struct part { uint64_t first, last; double answers[ANSWERS]; };

static void *work(void *argument) {
  struct part *part = argument;
  memset(part->answers, 0, sizeof part->answers);
  for (uint64_t first = part->first; first < part->last; first += BLOCK) block(first, part->answers);
  return NULL;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void tables(void) {
  const double pull[STATES] = {0.6, 0.1, 0.2, -0.2, -0.1}, late[STATES] = {-0.05, 0.02, 0.10, 0.03, 0.08};
  const double fem[STATES] = {-0.15, 0.05, 0.15, 0.05, 0.25};
  for (int sex = 0; sex < 2; sex++) {
    for (int band = 0; band < BANDS; band++)
      for (int from = 0; from < STATES; from++) {
        double weight[STATES], sum = 0, cumulated = 0;
        for (int to = 0; to < STATES; to++) {
          weight[to] = exp(2.6 * (from == to) + pull[to] + late[to] * band + fem[to] * sex - 0.12 * abs(from - to));
          sum += weight[to];
        }
        for (int to = 0; to < STATES - 1; to++) {
          cumulated += weight[to] / sum;
          moves[sex][band][from][to] = cumulated;
        }
      }
    for (int a = 0; a < STEPS; a++)
      profile[sex][a] = (sex ? -0.45 + 0.042 * a : -0.35 + 0.045 * a) - 0.0007 * a * a;
  }
  average[0] = 1000;
  for (int a = 0; a < STEPS; a++) average[a + 1] = average[a] * (real)1.03;
}

int main(int count, char **argument) {
  if (count != 4) return 2;
  uint64_t people = strtoull(argument[1], NULL, 10);
  int threads = atoi(argument[2]), rounds = atoi(argument[3]);
  struct part parts[MOST_THREADS];
  pthread_t handles[MOST_THREADS];
  double best = 1e300;
  if (people % (2 * BLOCK) || threads < 1 || threads > MOST_THREADS) return 2;
  tables();
  for (int round = 0; round < rounds; round++) {
    double begin = now();
    uint64_t blocks = people / BLOCK;
    for (int t = 0; t < threads; t++) {
      parts[t].first = blocks * t / threads * BLOCK;
      parts[t].last = blocks * (t + 1) / threads * BLOCK;
      pthread_create(&handles[t], NULL, work, &parts[t]);
    }
    for (int t = 0; t < threads; t++) pthread_join(handles[t], NULL);
    double took = now() - begin;
    best = took < best ? took : best;
  }
  double a[ANSWERS] = {0};
  for (int t = 0; t < threads; t++)
    for (int k = 0; k < ANSWERS; k++) a[k] += parts[t].answers[k];
  printf("%.6f %.6f %.6f %.6f %.3f %.3f\n", best, a[0] / a[2], a[1] / a[3], (a[2] + a[3]) / a[5], a[4] / a[5], a[6] / a[5]);
  return 0;
}
