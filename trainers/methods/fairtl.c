/* fairtl.c - fairTL (Teo, Abdollahzadeh, Cheung 2023): go on training G and D on the
 * reference set alone. */
#include "trainers/methods/method.h"

const ftl_method ftl_method_fairtl = {.name = "fairtl", .expand = ftl_method_fine_tune};
