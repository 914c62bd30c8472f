/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/config.h"

#include "gadget/function.h"

void config_default(struct config *c)
{
	*c = (struct config){
		.functions = FUNCTION_ECM,
		.auto_network = true,
		.auto_wait_s = 6,
		.address = 0xc0a80702,
		.host_address = 0xc0a80701,
		.prefix = 24,
		.lease_s = 3600,
		.gadget = "g1",
		.vendor = 0x1d6b,
		.product = 0x0104,
		.manufacturer = "tether",
		.product_name = "tether",
	};
}

bool config_os_descriptors(const struct config *c)
{
	if (c->os_descriptors == CONFIG_AUTO)
		return function_needs_os_descriptors(c->functions);
	return c->os_descriptors == CONFIG_ON;
}
