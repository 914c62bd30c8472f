################################################################################
#
# tetherd
#
################################################################################

# The source tree that contains this package.
TETHERD_VERSION = local
TETHERD_SITE = $(BR2_EXTERNAL_TETHER_PATH)/../..
TETHERD_SITE_METHOD = local
# Copy only the sources, not build folders in that tree.
TETHERD_SOURCES = $(shell cut -d / -f 1 $(TETHERD_SITE)/packaging/board-sources)
TETHERD_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = \
	$(patsubst %,--include=/%,$(sort $(TETHERD_SOURCES))) --exclude='/*'
TETHERD_LICENSE = Apache-2.0
TETHERD_LICENSE_FILES = LICENSE
TETHERD_DEPENDENCIES = inih
TETHERD_CONF_OPTS = -Dlinux_board=true -Dbackends=functionfs -Dtests=false

# Install what packaging/board-files lists, as all packages do.
TETHERD_INSTALL_SETS = \
	$(@D)/packaging/install-files $(TARGET_DIR) /usr/lib/systemd/system

define TETHERD_INSTALL_FILES
	$(TETHERD_INSTALL_SETS) all config
endef
TETHERD_POST_INSTALL_TARGET_HOOKS += TETHERD_INSTALL_FILES

define TETHERD_INSTALL_INIT_SYSV
	$(TETHERD_INSTALL_SETS) busybox
endef

define TETHERD_INSTALL_INIT_SYSTEMD
	$(TETHERD_INSTALL_SETS) systemd mctp-systemd
endef

$(eval $(meson-package))
