# SPDX-License-Identifier: BSD-2-Clause
# Where everything goes on a system.

install: all ## install below DESTDIR and PREFIX
	install -D -m 755 build/release/reprint $(DESTDIR)$(PREFIX)/bin/reprint
	install -D -m 755 build/release/reprintd $(DESTDIR)$(PREFIX)/sbin/reprintd
