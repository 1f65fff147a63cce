# Every public header, beside its folder's name below $(includedir).
cedodir = $(includedir)/cedo
cedo_HEADERS = \
HEADERS

cedoportdir = $(cedodir)/port
cedoport_HEADERS = \
PORTS
