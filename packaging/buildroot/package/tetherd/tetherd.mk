################################################################################
#
# tetherd
#
################################################################################

# The tree that this folder is in.
TETHERD_VERSION = local
TETHERD_SITE = $(BR2_EXTERNAL_TETHER_PATH)/../..
TETHERD_SITE_METHOD = local
TETHERD_LICENSE = Apache-2.0
TETHERD_LICENSE_FILES = LICENSE
TETHERD_DEPENDENCIES = inih
TETHERD_CONF_OPTS = -Dlinux_board=true -Dbackends=functionfs -Dtests=false

define TETHERD_INSTALL_FILES
	$(INSTALL) -D -m 0644 $(@D)/packaging/tetherd.conf \
		$(TARGET_DIR)/etc/tether/tetherd.conf
	$(INSTALL) -D -m 0644 $(@D)/packaging/modprobe.d/tetherd.conf \
		$(TARGET_DIR)/etc/modprobe.d/tetherd.conf
endef
TETHERD_POST_INSTALL_TARGET_HOOKS += TETHERD_INSTALL_FILES

define TETHERD_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(@D)/packaging/busybox/S30tetherd \
		$(TARGET_DIR)/etc/init.d/S30tetherd
endef

define TETHERD_INSTALL_INIT_SYSTEMD
	$(INSTALL) -D -m 0644 $(@D)/packaging/systemd/tetherd.service \
		$(TARGET_DIR)/usr/lib/systemd/system/tetherd.service
	$(INSTALL) -D -m 0644 $(@D)/packaging/systemd/10-tether.network \
		$(TARGET_DIR)/usr/lib/systemd/network/10-tether.network
endef

$(eval $(meson-package))
