/* models.c - the list of generative models; see model.h. */
#include "trainers/models/model.h"

const ftl_gan_model *const ftl_gan_models[] = {&ftl_biggan, NULL};
