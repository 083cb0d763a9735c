# SPDX-License-Identifier: BSD-2-Clause
# Where everything goes on a system. DESTDIR stands before every path but is written into no file.
# Nothing is started and no user is made: README.md says how to go on.

bindir := $(DESTDIR)$(PREFIX)/bin
sbindir := $(DESTDIR)$(PREFIX)/sbin
libdir := $(DESTDIR)$(PREFIX)/lib
incdir := $(DESTDIR)$(PREFIX)/include/reprint
mandir := $(DESTDIR)$(PREFIX)/share/man
unitdir := $(libdir)/systemd/system
confdir := $(DESTDIR)/etc/reprint

VERSION := $(shell sed -n 's/^\#define REPRINT_VERSION "\(.*\)"/\1/p' include/reprint/version.h)
public_h := $(wildcard include/reprint/*.h)
units_in := systemd/reprintd.service.in systemd/reprint-alerts@.service.in
filled := sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g'

install: all ## install below DESTDIR and PREFIX
	install -d $(bindir) $(sbindir) $(libdir)/pkgconfig $(libdir)/sysusers.d $(libdir)/tmpfiles.d
	install -d $(incdir) $(unitdir) $(confdir) $(mandir)/man1 $(mandir)/man5 $(mandir)/man8
	install -m 755 build/release/reprint $(bindir)/
	install -m 755 build/release/reprintd $(sbindir)/
	install -m 644 build/release/libreprint.a $(libdir)/
	install -m 644 build/release/libreprint.so $(libdir)/libreprint.so.$(VERSION)
	ln -sf libreprint.so.$(VERSION) $(libdir)/libreprint.so.0
	ln -sf libreprint.so.0 $(libdir)/libreprint.so
	install -m 644 $(public_h) $(incdir)/
	$(filled) include/reprint.pc.in >$(libdir)/pkgconfig/reprint.pc
	for unit in $(units_in); do \
		$(filled) $$unit >$(unitdir)/$$(basename $$unit .in) || exit 1; \
	done
	install -m 644 systemd/reprintd.socket $(unitdir)/
	install -m 644 systemd/reprint.sysusers $(libdir)/sysusers.d/reprint.conf
	install -m 644 systemd/reprint.tmpfiles $(libdir)/tmpfiles.d/reprint.conf
	install -m 644 tools/reprint.1 $(mandir)/man1/
	install -m 644 daemon/reprintd.conf.5 $(mandir)/man5/
	install -m 644 daemon/reprintd.8 $(mandir)/man8/
	[ -e $(confdir)/reprintd.conf ] || install -m 644 systemd/reprintd.conf $(confdir)/

uninstall: ## remove what install put there; configuration, state and user stay
	rm -f $(bindir)/reprint $(sbindir)/reprintd
	rm -f $(libdir)/libreprint.a $(libdir)/libreprint.so $(libdir)/libreprint.so.0
	rm -f $(libdir)/libreprint.so.$(VERSION) $(libdir)/pkgconfig/reprint.pc
	rm -f $(public_h:include/reprint/%=$(incdir)/%)
	rm -f $(units_in:systemd/%.in=$(unitdir)/%) $(unitdir)/reprintd.socket
	rm -f $(libdir)/sysusers.d/reprint.conf $(libdir)/tmpfiles.d/reprint.conf
	rm -f $(mandir)/man1/reprint.1 $(mandir)/man5/reprintd.conf.5 $(mandir)/man8/reprintd.8
	-rmdir $(incdir) 2>/dev/null

.PHONY: nspawn
nspawn: all ## the service under a real systemd in a container; root, not part of check
	@tests/nspawn/run
