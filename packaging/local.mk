# `make single` makes single/cedo.h, the core in one file; every tarball has it.
EXTRA_DIST += packaging/single.sh
CLEANFILES += single/cedo.h

single: single/cedo.h
single/cedo.h: $(srcdir)/packaging/single.sh $(srcdir)/LICENSE $(cedo_HEADERS) $(cedoport_HEADERS)
	@$(MKDIR_P) single
	$(AM_V_GEN)$(SHELL) $(srcdir)/packaging/single.sh $(PACKAGE_VERSION) >$@.tmp && mv $@.tmp $@
# Made anew: a tarball has it beside its sources, and there make would take that for this.
dist-hook:
	$(MKDIR_P) $(distdir)/single
	$(SHELL) $(srcdir)/packaging/single.sh $(PACKAGE_VERSION) >$(distdir)/single/cedo.h
.PHONY: single
