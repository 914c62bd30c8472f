SUMMARY = "The board's USB port as a network"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"
# The tree that this recipe is in; a release has its own address here.
inherit externalsrc meson pkgconfig systemd
EXTERNALSRC = "${@os.path.abspath(os.path.join(d.getVar('THISDIR'), '../../../..'))}"
DEPENDS = "libinih"
EXTRA_OEMESON = "-Dlinux_board=true -Dbackends=functionfs -Dtests=false"
SYSTEMD_SERVICE:${PN} = "tetherd.service"

do_install:append() {
    ${S}/packaging/install-files ${D} ${systemd_system_unitdir} \
        all config systemd
    install -D -m 0755 ${S}/packaging/systemd/mask-stock \
        ${D}${nonarch_libdir}/tetherd/mask-stock
}
FILES:${PN} += "${systemd_system_unitdir} ${sysconfdir} ${nonarch_libdir}/tetherd"
CONFFILES:${PN} = "${sysconfdir}/tether/tetherd.conf"

# Not files of this package: the udev rule is one of another package's, and two
# of one name end the build of an image.
pkg_postinst:${PN}() {
    sh $D${nonarch_libdir}/tetherd/mask-stock $D
}
pkg_prerm:${PN}() {
    sh $D${nonarch_libdir}/tetherd/mask-stock --undo $D
}
