/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of gadget/function, the table of functions, and of gadget/report. */
#include "cm.h"

#include <string.h>

#include "base/err.h"
#include "gadget/function.h"
#include "gadget/report.h"

/* Windows caches the OS descriptors of a device by its bcdDevice. So these
 * numbers must stay as they are when the table grows. */
static void keeps_bcd_device_of_every_set(void **state)
{
	static const struct {
		const char *functions;
		uint16_t with_os_descriptors, without;
	} frozen[] = {
		{ "ecm", 0x0217, 0x0201 },
		{ "ncm", 0x0218, 0x0202 },
		{ "acm", 0x0220, 0x0204 },
		{ "ecm, acm", 0x0221, 0x0205 },
		{ "ncm, acm", 0x0222, 0x0206 },
		{ "mctp", 0x0224, 0x0208 },
		{ "ecm, mctp", 0x0225, 0x0209 },
		{ "ncm, mctp", 0x0226, 0x0210 },
		{ "acm, mctp", 0x0228, 0x0212 },
		{ "ecm, acm, mctp", 0x0229, 0x0213 },
		{ "ncm, acm, mctp", 0x0230, 0x0214 },
	};
	const size_t count = sizeof(frozen) / sizeof(frozen[0]);
	char name[FUNCTION_LIST];
	size_t found = 0;

	(void)state;
	for (unsigned int set = 1; set <= FUNCTION_ALL; set++) {
		function_format(set, name, sizeof(name));
		for (size_t i = 0; i < count; i++) {
			if (strcmp(frozen[i].functions, name) != 0)
				continue;
			found++;
			assert_int_equal(function_bcd_device(set, true),
					 frozen[i].with_os_descriptors);
			assert_int_equal(function_bcd_device(set, false),
					 frozen[i].without);
		}
	}
	assert_int_equal(found, count);
}

static void gives_every_set_its_own_bcd_device(void **state)
{
	bool seen[0x10000] = { false };

	(void)state;
	for (unsigned int set = 1; set <= FUNCTION_ALL; set++)
		for (int os_descriptors = 0; os_descriptors < 2;
		     os_descriptors++) {
			uint16_t n = function_bcd_device(set, os_descriptors);

			assert_false(seen[n]);
			seen[n] = true;
			/* configfs accepts only BCD digits. */
			for (int i = 0; i < 16; i += 4)
				assert_true((n >> i & 15) <= 9);
		}
}

static void has_a_consistent_row_for_every_bit(void **state)
{
	const struct gadget_function *f;
	unsigned int bits = 0, weights = 16; /* 16: OS descriptors */
	char name[FUNCTION_LIST];

	(void)state;
	for (size_t i = 0; (f = function_at(i)); i++) {
		assert_int_equal(bits & f->bit, 0);
		bits |= f->bit;
		assert_int_equal(__builtin_popcount(f->bcd_weight), 1);
		assert_int_equal(weights & f->bcd_weight, 0);
		weights |= f->bcd_weight;
		assert_ptr_equal(function_by_bit(f->bit), f);
		assert_ptr_equal(function_by_name(f->name), f);
		assert_true(strlen(f->name) < 16);
		assert_non_null(f->kind);
		assert_non_null(f->hosts);
	}
	assert_int_equal(bits, FUNCTION_ALL);
	function_format(FUNCTION_ALL, name, sizeof(name));
	assert_true(strlen(name) < sizeof(name) - 1);
	assert_null(function_by_name("rndis"));
}

static void finds_functions_by_property(void **state)
{
	(void)state;
	assert_int_equal(function_network(FUNCTION_NCM | FUNCTION_ACM)->bit,
			 FUNCTION_NCM);
	assert_null(function_network(FUNCTION_ACM | FUNCTION_MCTP));
	assert_int_equal(function_network_bits(FUNCTION_ECM | FUNCTION_NCM |
					       FUNCTION_ACM),
			 FUNCTION_ECM | FUNCTION_NCM);
	assert_string_equal(function_served(FUNCTION_ALL)->server, "usbnvme");
	assert_null(function_served(FUNCTION_ECM | FUNCTION_ACM));
	assert_true(function_needs_os_descriptors(FUNCTION_NCM));
	assert_false(
		function_needs_os_descriptors(FUNCTION_ECM | FUNCTION_ACM));
}

static void refuses_two_network_functions(void **state)
{
	char error[FUNCTION_TEXT];

	(void)state;
	for (unsigned int set = 1; set <= FUNCTION_ALL; set++) {
		int networks = __builtin_popcount(function_network_bits(set));

		assert_int_equal(function_check(set, error, sizeof(error)),
				 networks > 1 ? ERR_INVALID : ERR_OK);
	}
	(void)function_check(FUNCTION_ECM | FUNCTION_NCM | FUNCTION_ACM, error,
			     sizeof(error));
	assert_string_equal(error,
			    "ecm and ncm are both the network: configure one "
			    "of them, ecm for macOS and Linux, or ncm for "
			    "Windows 11, macOS and Linux");
}

static const char *list_value(int i)
{
	static const char *const values[] = { "a\"b", "c\nd" };

	return i < 2 ? values[i] : NULL;
}

static void fill_report(struct report *r)
{
	report_text(r, "state", "up\\");
	report_number(r, "rx_packets", 12345678901ULL);
	report_bool(r, "carrier", true);
	report_text(r, "why", "");
	report_list(r, "messages", list_value);
}

static void writes_json_and_aligned_text(void **state)
{
	char out[256];
	struct report r;
	size_t len;

	(void)state;
	report_init(&r, true, out, sizeof(out));
	fill_report(&r);
	len = report_finish(&r);
	assert_int_equal(len, strlen(out));
	assert_string_equal(out, "{\"state\":\"up\\\\\","
				 "\"rx_packets\":12345678901,"
				 "\"carrier\":true,\"why\":\"\","
				 "\"messages\":[\"a\\\"b\",\"c?d\"]}\n");
	report_init(&r, false, out, sizeof(out));
	fill_report(&r);
	len = report_finish(&r);
	assert_int_equal(len, strlen(out));
	assert_string_equal(out, "state            up\\\n"
				 "rx_packets       12345678901\n"
				 "carrier          yes\n"
				 "why              -\n"
				 "messages         a\"b\n"
				 "                 c?d\n");
}

static void truncates_a_report_that_does_not_fit(void **state)
{
	char out[16];
	struct report r;

	(void)state;
	report_init(&r, true, out, sizeof(out));
	fill_report(&r);
	assert_int_equal(report_finish(&r), sizeof(out) - 1);
	assert_int_equal(strlen(out), sizeof(out) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_bcd_device_of_every_set),
		cmocka_unit_test(gives_every_set_its_own_bcd_device),
		cmocka_unit_test(has_a_consistent_row_for_every_bit),
		cmocka_unit_test(finds_functions_by_property),
		cmocka_unit_test(refuses_two_network_functions),
		cmocka_unit_test(writes_json_and_aligned_text),
		cmocka_unit_test(truncates_a_report_that_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
