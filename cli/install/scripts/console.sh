#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Serve requests that arrive as lines on a board's serial console, until "q".
#
# The login shell of the board runs this text with eval, on any POSIX shell
# (BusyBox ash, dash). D is the folder for files, "script" and "out". The line
# loses and doubles bytes, so requests and answers carry a POSIX cksum:
#
#   request:  x SUM FUNCTION P Q      SUM is over "FUNCTION P Q"
#   answer:   @SUM FUNCTION ...@      SUM is over "FUNCTION ..."
#
# A damaged request does nothing and is answered "no". Each request may be
# repeated: appending checks the size first, and "r" runs a script only once
# for each number.
#
# tools/embed joins the lines into one, because the line editor of a small shell
# executes line by line. Each line here must end a command or end with an
# operator. The host sends the text inside single quotes, so the text must not
# contain one. Names are as short as possible, because the text is sent at
# 115200 baud.
# shellcheck disable=SC2046,SC2086 # words without spaces, and short spelling
# shellcheck disable=SC2317 # the request names the function that is called
# shellcheck disable=SC2015 # "no" after a failed function is intended

# k: print the checksum of standard input.
k(){
set -- $(cksum)
echo $1
}

# a WORD...: answer.
a(){
echo "@$(printf %s "$*"|k) $*@"
}

# w: print the size of the open file F.
w(){
set -- $(wc -c <$F)
echo $1
}

# o NAME: open the file NAME, create it if missing; answer checksum and size.
# `true`, not `:`: when a redirection of a special built-in fails, the shell
# exits.
o(){
F=$D/$1
[ -f $F ]||true>$F
a o $1 $(cksum<$F)
}

# z NAME: truncate the file NAME.
z(){
F=$D/$1
true>$F
a z $1
}

# t OFFSET BASE64: append to F if its size is OFFSET; answer the new size.
t(){
[ $(w) = $1 ]&&
printf %s "$2"|
base64 -d>>$F
a t $1 $(w)
}

# u OFFSET OCTAL: like t, with three octal digits per byte.
# shellcheck disable=SC2059 # the format is the data
u(){
[ $(w) = $1 ]&&
printf "$(printf %s "$2"|sed "s/.../\\\\&/g")">>$F
a u $1 $(w)
}

# r NUMBER: run D/script unless NUMBER ran last; answer exit code and lines.
r(){
[ "$R" = $1 ]||{
sh $D/script >$D/out 2>&1 </dev/null
X=$?
R=$1
}
a r $1 $X $(wc -l <$D/out)
}

# g N: answer line N of the output.
g(){
a g $1 "$(sed -n ${1}p $D/out)"
}

# b: answer 1 if base64 is installed.
b(){
command -v base64 >/dev/null&&
a b 1||
a b 0
}

# q: remove the files, and exit the login shell.
q(){
rm -f $D/script $D/out
rmdir $D 2>/dev/null
a q
stty echo
exit
}

stty -echo
mkdir -p $D
a up
while read -r x c f p q;do
[ "$x" ]||
continue
[ "$x" = x ]&&
[ "$(printf %s "$f $p $q"|k)" = "$c" ]&&
$f "$p" "$q"||
a no
done
