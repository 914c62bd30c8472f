/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/ssh_strength.h"

#include <stdio.h>
#include <string.h>

#include "cli/board/sshoffer.h"

/* Each kind from the strongest to the weakest. A name belongs to one kind, so
 * one table serves all. */
static const char *const strong[] = {
	/* key exchanges */
	"mlkem768x25519-sha256",
	"sntrup761x25519-sha512",
	"sntrup761x25519-sha512@openssh.com",
	"curve25519-sha256",
	"curve25519-sha256@libssh.org",
	"ecdh-sha2-nistp521",
	"ecdh-sha2-nistp384",
	"ecdh-sha2-nistp256",
	"diffie-hellman-group18-sha512",
	"diffie-hellman-group16-sha512",
	"diffie-hellman-group-exchange-sha256",
	"diffie-hellman-group14-sha256",
	"diffie-hellman-group14-sha1",
	"diffie-hellman-group-exchange-sha1",
	/* host keys */
	"ssh-ed25519",
	"ecdsa-sha2-nistp521",
	"ecdsa-sha2-nistp384",
	"ecdsa-sha2-nistp256",
	"rsa-sha2-512",
	"rsa-sha2-256",
	"ssh-rsa",
	/* ciphers */
	"chacha20-poly1305@openssh.com",
	"aes256-gcm@openssh.com",
	"aes128-gcm@openssh.com",
	"aes256-ctr",
	"aes192-ctr",
	"aes128-ctr",
	"aes256-cbc",
	"rijndael-cbc@lysator.liu.se",
	"aes192-cbc",
	"aes128-cbc",
	/* MACs */
	"hmac-sha2-512-etm@openssh.com",
	"hmac-sha2-256-etm@openssh.com",
	"umac-128-etm@openssh.com",
	"hmac-sha2-512",
	"hmac-sha2-256",
	"umac-128@openssh.com",
	"hmac-sha1-etm@openssh.com",
	"hmac-sha1",
	"umac-64-etm@openssh.com",
	"umac-64@openssh.com",
};

/* Broken, or in reach of attackers: MD5, keys or blocks of 64 bits, RC4, DSA,
 * groups of 1024 bits (RFC 8758, RFC 9142), tags of 96 bits. */
static const char *const weak_names[] = {
	"hmac-sha1-96-etm@openssh.com",
	"hmac-sha1-96",
	"hmac-ripemd160",
	"hmac-ripemd160@openssh.com",
	"diffie-hellman-group1-sha1",
	"ssh-dss",
	"3des-ctr",
	"3des-cbc",
	"cast128-cbc",
	"blowfish-cbc",
	"twofish-cbc",
	"arcfour256",
	"arcfour128",
	"arcfour",
	"des-cbc",
	"hmac-md5-etm@openssh.com",
	"hmac-md5",
	"hmac-md5-96-etm@openssh.com",
	"hmac-md5-96",
};

enum {
	STRONG = sizeof(strong) / sizeof(strong[0]),
	WEAK = sizeof(weak_names) / sizeof(weak_names[0]),
};

/* A small number is strong; an unknown name has the number STRONG. */
static int find_rank(const char *name)
{
	for (int i = 0; i < STRONG; i++)
		if (!strcmp(name, strong[i]))
			return i;
	for (int i = 0; i < WEAK; i++)
		if (!strcmp(name, weak_names[i]))
			return STRONG + 1 + i;
	return STRONG;
}

bool ssh_strength_choose(const char *offered, const char *supported,
			 char name[SSH_STRENGTH_NAME], bool *weak)
{
	int best = STRONG + 1 + WEAK;

	for (const char *s = offered; *s;) {
		char one[SSH_STRENGTH_NAME];
		size_t n = strcspn(s, ",");
		int rank;

		snprintf(one, sizeof(one), "%.*s", (int)n, s);
		rank = find_rank(one);
		if (n < sizeof(one) && rank < best &&
		    strcmp(one, "none") != 0 && sshoffer_has(supported, one)) {
			best = rank;
			memcpy(name, one, sizeof(one));
		}
		s += n + (s[n] == ',');
	}
	*weak = best > STRONG;
	return best < STRONG + 1 + WEAK;
}
