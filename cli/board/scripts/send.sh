#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Receive one file from standard input, and rename it into place only if it is
# complete. A lost connection, a full disk or a signal leaves the old file
# untouched.
#
# Other users may write to FOLDER. So the data goes into a folder of mode 0700
# with a random name, which only this user can enter. The script stays in that
# folder: names that others replace meanwhile do not redirect it.
#
# Shell:    POSIX sh, on the board.
# FOLDER:   destination folder.
# NAME:     file name in FOLDER.
# SUM:      checksum as TOOL prints it: "SUM" of sha256sum, "SUM SIZE" of cksum.
# MODE:     octal mode of the file.
# TOOL:     cksum or sha256sum.
# Exit:     0, or a code that upload.c explains: 90 signal, 91 folder,
#           92 writing, 93 checksum, 94 mode, 95 NAME is a folder, 96 rename,
#           97 the private folder is not private.
cd "$FOLDER" || exit 91
umask 077
me=$(id -u) || exit 97

# describe PATH: print the mode and the owner of PATH itself.
describe() {
	# shellcheck disable=SC2012 # ls prints the owner of one known path
	ls -dn "$1" 2>/dev/null | tr -s ' ' | cut -d ' ' -f 1,3
}

# is_mine PATH: PATH itself, not the target of a link, is a folder of this user
# with mode 0700. ls may append a character for labels to the mode.
is_mine() {
	case $(describe "$1") in
	drwx------" $me" | drwx------?" $me") return 0 ;;
	esac
	return 1
}

# enter NAME: change to the folder NAME, and check that the name led there.
enter() {
	is_mine "./$1" && cd "./$1" 2>/dev/null && is_mine . || return 1
	case $(pwd -P) in
	*/"$1") return 0 ;;
	esac
	return 1
}

# Remove private folders of this user whose writer has ended. Their names begin
# with the process number of the writer. A zombie (state Z) has ended, too.
for part in .tether-*.part; do
	pid=${part#.tether-}
	pid=${pid%%[!0-9]*}
	case $(cat "/proc/${pid:-0}/stat" 2>/dev/null) in
	'' | *') Z '*) ;;
	*) continue ;;
	esac
	(enter "$part" && rm -f ./data) && rmdir "./$part" 2>/dev/null
	# Earlier versions wrote to a file of that name.
	case $(describe "./$part") in
	-*" $me") rm -f "./$part" ;;
	esac
done

random=$(tr -dc a-z0-9 </dev/urandom 2>/dev/null | head -c 16)
part=.tether-$$-$random.part
inside=
trap '[ -z "$inside" ] || { rm -f ./data; cd ..; }
rmdir "./$part" 2>/dev/null' EXIT
trap 'exit 90' HUP INT TERM PIPE
mkdir -m 700 "./$part" || exit 92
enter "$part" || exit 97
inside=1
set -C
cat >./data || exit 92
set +C
sum=$($TOOL <./data) || exit 92
case "$sum " in
"$SUM "*) ;;
*) exit 93 ;;
esac
chmod "$MODE" ./data || exit 94
fsync ./data 2>/dev/null || sync ./data 2>/dev/null || sync
[ ! -d "../$NAME" ] || exit 95
# -T: a link to a folder that appears under the name now is replaced as well.
flat=
case $(mv --help 2>&1) in
*-T*) flat=T ;;
esac
mv -f$flat ./data "../$NAME" || exit 96
