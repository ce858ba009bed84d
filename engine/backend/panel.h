/* panel.h - how matrices are laid out for the products of engine/backend/cpu/
 * panel_product.h: the columns of the second one in panels, the rows of the first one
 * some at a time. */
#ifndef FTL_ENGINE_BACKEND_PANEL_H
#define FTL_ENGINE_BACKEND_PANEL_H

#define FTL_PANEL 32     /* columns side by side; words from one row to the next */
#define FTL_PANEL_ROWS 8 /* the rows of a product are a multiple of so many */

#endif
