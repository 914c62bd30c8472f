SUMMARY = "The board's USB port as a network"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"
# The tree that this recipe is in; a release has its own address here.
inherit externalsrc meson pkgconfig systemd
EXTERNALSRC = "${@os.path.abspath(os.path.join(d.getVar('THISDIR'), '../../../..'))}"
DEPENDS = "inih"
EXTRA_OEMESON = "-Dlinux_board=true -Dbackends=functionfs -Dtests=false"
SYSTEMD_SERVICE:${PN} = "tetherd.service"

do_install:append() {
    install -D -m 0644 ${S}/packaging/tetherd.conf \
        ${D}${sysconfdir}/tether/tetherd.conf
    install -D -m 0644 ${S}/packaging/modprobe.d/tetherd.conf \
        ${D}${sysconfdir}/modprobe.d/tetherd.conf
    install -D -m 0644 ${S}/packaging/systemd/tetherd.service \
        ${D}${systemd_system_unitdir}/tetherd.service
    install -D -m 0644 ${S}/packaging/systemd/10-tether.network \
        ${D}${sysconfdir}/systemd/network/10-tether.network
    ${S}/packaging/systemd/mask-stock ${D}
}
FILES:${PN} += "${systemd_system_unitdir} ${sysconfdir}"
CONFFILES:${PN} = "${sysconfdir}/tether/tetherd.conf"
