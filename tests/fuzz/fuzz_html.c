/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>

#include "articles_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;

	if (!started)
		text_start();
	started = true;
	check_reading(span_of((const char *)data, size), TEXT_HTML);
	return 0;
}
