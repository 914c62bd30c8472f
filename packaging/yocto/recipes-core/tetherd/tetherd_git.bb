SUMMARY = "Network over the USB device port of a board"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"
# Build the source tree that contains this recipe.
inherit externalsrc meson pkgconfig systemd
EXTERNALSRC = "${@os.path.abspath(os.path.join(d.getVar('THISDIR'), '../../../..'))}"
DEPENDS = "libinih"
EXTRA_OEMESON = "-Dlinux_board=true -Dbackends=functionfs -Dtests=false"
SYSTEMD_SERVICE:${PN} = "tetherd.service"

do_install:append() {
    ${S}/packaging/install-files ${D} ${systemd_system_unitdir} \
        all config systemd mctp-systemd
    install -D -m 0755 ${S}/packaging/systemd/mask-stock \
        ${D}${nonarch_libdir}/tetherd/mask-stock
}
FILES:${PN} += "${systemd_system_unitdir} ${sysconfdir} ${nonarch_libdir}/tetherd"
CONFFILES:${PN} = "${sysconfdir}/tether/tetherd.conf"

# Make the masks after the installation, not as files of this package: another
# package contains the udev rule, and two packages with the same file break the
# image build.
pkg_postinst:${PN}() {
    sh $D${nonarch_libdir}/tetherd/mask-stock $D
}
pkg_prerm:${PN}() {
    sh $D${nonarch_libdir}/tetherd/mask-stock --undo $D
}
