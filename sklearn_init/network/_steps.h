/* The loops that _steps.pxd names, once per type: name_f32 and name_f64. */

#ifndef SKLEARN_INIT_STEPS_H
#define SKLEARN_INIT_STEPS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "_compiler.h"

#define root_f32 sqrtf
#define root_f64 sqrt

#define real double
#define F(name) name##_f64
#include "_steps_of_type.h"
#undef real
#undef F

#define real float
#define F(name) name##_f32
#include "_steps_of_type.h"
#undef real
#undef F

#endif
