seq 10 | tac | head -n 3; seq 0 .5 2; seq -w 8 11; seq -s, 5
seq 1e6 | tail -n 1; seq 5 -2 0 | paste -sd+

printf 'b 2\na 10\nc 1\na 9\n' >f; sort f
sort -k2n f; sort -u -k1,1 f
sort -r -k1,1 -k2,2n f; sort -c f; echo $?

seq 30000 | shuf --random-source=/bin/bash >f; md5sum <f
sort -n f | md5sum; sort -n -S 64K -T . f | md5sum
ls

seq 20000 | shuf --random-source=/bin/bash | split -l 3000 - p; ls
for i in p??; do sort -n -o $i $i; done; sort -m -n p?? | md5sum

sort -h <<<$'2K\n1M\n512'; sort -V <<<$'a10\na9'
sort -M <<<$'feb\njan'
sort -z <<<$'b\0a\0' | tr '\0' .
sort --debug -k1,1 <<<$'b a\na b' 2>/dev/null

seq 40000 >f; sort -n -S 1M f | md5sum; sort --parallel=4 -rn f | md5sum

printf 'a\na\nb\nB\n' | uniq -c; printf 'a\na\nb\nB\n' | uniq -d
printf 'a\na\nb\nB\n' | uniq -iu; uniq -D -f1 <<<$'1 x\n2 x\n3 y'

seq 1 5 >a; seq 3 7 >b; comm a b; comm -12 a b; join a b
join -a1 -e- -o 1.1,2.1 a b; paste a b; paste -d, -s a

join -t: -1 2 -2 1 <(printf '1:a\n2:b\n') <(printf 'a:x\nb:y\n')
comm --total <(seq 3) <(seq 2 4); comm <(printf 'b\na\n') /dev/null

cut -d: -f1,3- /etc/passwd; cut -c2-4 <<<abcdef
cut -b 1,3 --output-delimiter=_ <<<abcdef; cut --complement -f2 <<<$'a\tb\tc'

tr a-z A-Z <<<hello; tr -d aeiou <<<education; tr -s ' ' <<<'a   b'
tr -cd '[:digit:]' <<<a1b2; tr '\0-\37' . <<<$'a\tb'

seq 100 | head -n -97; seq 100 | tail -n +98; head -c 5 <<<abcdefgh
seq 5 >f; head -n1 f f; tail -qn1 f f; tail -c 3 f; head -qn 0 f

echo 1 >f; tail -n 0 -s .05 -f f >out & asleep $!; echo 2 >>f
until grep 2 out; do sleep .02; done; asleep $!; echo 3 >>f
until grep 3 out; do sleep .02; done; kill $!; wait $!; echo $?; cat out

echo 1 >f; tail -s .05 -F f >out 2>&1 & asleep $!; mv f g
until grep inaccessible out; do sleep .02; done; echo new >f
until grep new out; do sleep .02; done; asleep $!; echo newer >g; mv g f
until grep newer out; do sleep .02; done; kill $!; wait $!; echo $?; cat out

sleep .5 & tail -s .05 --pid=$! -f /dev/null; echo $?
echo x | tail -f ---disable-inotify; echo $?

(sleep .2; echo late) | tail -f; mkfifo p; (sleep .1; echo pipe >p) & tail -n 1 p

seq 3 | tee a b | wc -l; cat a b; echo more | tee -a a >/dev/null; wc a
yes | tee -p | head -n 1; seq 3 | tee /dev/full; echo $?

cat -A <<<$'tab\there\x01\xff'; cat -n /etc/group; cat -s <<<$'a\n\n\nb'
cat /no; echo $?; cat .; cat <f >>f; echo a >f; cat f >>f; echo $?

nl -ba /etc/group; pr -2 -l 15 -t <(seq 8); fmt -w 20 <<<'some words that are to be filled into short lines'; fold -w 5 <<<abcdefghij
fold -s -w 6 <<<'ab cd ef gh'

expand -t4 <<<$'a\tb'; unexpand -a -t4 <<<'a       b'; ptx <<<'to be or not'
tsort <<<$'a b\nb c\na d'; tsort <<<$'a b\nb a'; echo $?
numfmt --to=iec 1234567; numfmt --from=si 5K

seq 20 >f; split -n 3 f x; wc -l x*; split -b 10 -d f y; ls y*; cat y* | cmp - f
split -l 7 --filter='wc -l' f; csplit -s f 5 /12/; wc -l xx*

wc <<<$'a b\nc'; wc -L <<<abc; printf 'a\0b' | wc -c; wc -lc /etc/passwd /etc/group | tail -n 1; wc /no; echo $?; printf a >f; wc --files0-from=<(printf f)

od -c <<<abc; od -An -tx1 -N4 /bin/ls; od -tf8 -An <<<12345678
od -j 1 -w4 -td2 <<<abcdefgh; head -c 100 /dev/zero | od; od -S 3 /dev/null

base64 <<<'hello world'; base64 -d <<<aGVsbG8K; base32 <<<hi
basenc --base16 <<<hi; base64 -d <<<'!'; echo $?; base64 /bin/cat | md5sum
base64 /bin/cat | base64 -d | cmp - /bin/cat

for p in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum
do $p /bin/ls | cut -c 1-40; done; sha256sum /bin/ls /bin/cat >f
sha256sum -c f; echo x >>f; sha256sum -c --status f; echo $?

cksum -a crc </bin/ls; sum -s </bin/ls; cksum -a sm3 --tag /bin/cat
md5sum --zero /bin/cat | tr '\0' .; md5sum /no; echo $?

factor 2 97 1000000007 18446744073709551615 600851475143
factor <<<12; factor x; echo $?

shuf -i 1-10 --random-source=/bin/ls | paste -sd' '
shuf -n 2 -e a b c --random-source=/bin/ls; shuf -i 1-3 | sort

env printf '%s %d %x %.3f %e %q\n' a 1 255 3.14159 12345 'x y'
env printf 'x%%\x41\u0041\n'; env printf '%d\n' abc; echo $?; env echo -e 'a\tb'

expr 3 + 4 \* 2; expr length hello; expr substr hello 2 3
expr abc : 'a\(.\)c'; expr 1 \> 2; echo $?; expr 5 / 0; echo $?
expr 99999999999999999999 + 1

env test 3 -gt 2; echo $?; env [ a = b ]; echo $?; env [ -d / ]; echo $?
env true; echo $?; env false; echo $?; env test -x /bin/ls -a -s /bin/ls
echo $?; env [ x; echo $?

basename /a/b.c .c; basename -a /x/y /z; dirname /a/b /c; dirname a
pathchk a/b; pathchk -p 'a:b'; echo $?; pathchk $(printf %300s | tr ' ' a) >/dev/null 2>&1; echo $?; pathchk -P -- -x; echo $?

dircolors -b | head -c 20; dircolors -p | wc -l; yes a b | head -n 2
yes | head -c 1000000 | md5sum; env true --version | head -n 1

mkdir -p d/e; echo one >d/f; echo two >d/e/g; ln -s f d/l; ln d/f d/h
chmod 640 d/f; touch -d @1000000000 d/f d/e/g d/e d; touch -h -d @1000000000 d/l
ls -lR --time-style=+%s d; ls -la --time-style=+ d | wc -l; vdir --time-style=+ d

mkdir d; touch d/{a,B,.c,d1,d10,d2}; touch -d @5 d/B; ls d; ls -a d; ls -A d
ls -v d; ls -t1 d | tail -n 1; ls -r d; ls -m d; ls -x -w 20 d; dir d
ls -Q d; ls -F /bin/sh -d /tmp; ls -p -d /tmp; LC_ALL=C.UTF-8 ls d; ls -B d

head -c 5000 /dev/zero >f; truncate -s 1M h; ls -s f h; ls -sh f; ls -S
ls -lh --time-style=+ f h; ls --color=always -d /tmp /bin/sh f; ls /no; echo $?
ls -n --time-style=+ f; ls -go --time-style=+ f; ls --full-time /no
ls -1 --group-directories-first /etc/passwd .

mkdir -p s/t; echo x >s/a; ln -s a s/l; ln s/a s/b; mkfifo s/p; chmod 750 s/t
touch -h -d @1000000000 s/*; cp -a s c; ls -lR --time-style=+%s c; diff -r s c >/dev/null 2>&1; [ c/a -ef c/b ]; echo $?; cp -r --preserve=mode s d; ls d
cp -rL s/l e; cat e; cp -s $PWD/s/a f; readlink f | sed s,.*/,,

echo new >a; echo old >b; cp -v a b; cp -n a c; cp -b a b; ls; cp a a; echo $?
cp a b d; echo $?; mkdir d; cp -t d a b; cp -u a d; cp --parents d/a .; ls d
cp /no x; echo $?; cp -i a b </dev/null; echo $?; cp -l a k; stat -c %h a; cp d x
echo $?

truncate -s 10M s; printf end >>s; printf x | dd of=s bs=1 seek=1M conv=notrunc status=none; cp --sparse=auto s t; cmp s t; stat -c '%s %b' s t
cp --sparse=never s u; cmp s u; [ $(stat -c %b u) -gt 20000 ]; echo $?
cp --sparse=always u v; stat -c '%s %b' v; cp --reflink=always s w; echo $?
cp --reflink=auto s w; cmp s w

head -c 3000000 /dev/urandom >f; cp f g; cmp f g; cat f >h; cmp f h; cp f /tmp/x
cmp f /tmp/x; mv /tmp/x y; cmp f y; cp /dev/null z; cp /proc/version v
cmp v /proc/version; rm -f f g h

echo 1 >a; mv -v a b; mkdir d; mv b d; ls d; echo 2 >a; mv -n a d/b; cat d/b
mv -b a d/b; ls d; mv d e; mv e /tmp/e1; ls /tmp/e1; mv /tmp/e1 .; ls; mv e1 e1
echo $?; mv e1 e1/x; echo $?; mv /no x; echo $?; mv -T e1 f; ls -d f; touch a b
mv --exchange a b 2>/dev/null; mv a b c; echo $?; mv -u a b; ls

echo x >a; ln a b; ln -s a c; ln -sf /no c; ln a b; echo $?; ln -f a b
ln -s b; ln /tmp t; echo $?; readlink c; readlink -f c b; readlink -e c; echo $?
readlink -m c/x/../y; realpath --relative-to=/bin c; realpath -s c | sed s,.*/,,
stat -c '%h %F' a c; link a k; unlink k; ls; ln -sr a d; readlink d
mkdir e; ln -t e a; ln -n -s e f; ls e; link a a; echo $?

ln -s l l; cat l; ls -L l; echo $?; ln -s m n; ln -s n m; cat m; stat -L m
realpath m; rm m n l; ls; ln -s . d; cd d/d/d; pwd -P | sed s,.*/,,

echo hello >f; chmod 4755 f; touch -d @1234567890.5 f
stat -c '%n %s %b %B %a %A %F %h %u %g %U %G %t %T %X %Y' f
stat -c '%y %F' --printf '%y\n' f; stat -f -c '%T %s %l' . /tmp /proc
stat -c '%F %t %T' /dev/null /dev /bin/sh; stat -t /no; echo $?; stat -L -c %F /bin/sh

stat f; stat -c '%m' . /tmp /proc/self; stat -c '%N' /bin/sh
stat - <<<x | head -n 1; stat -c '%d' . >/dev/null

mkdir -p d/e; head -c 100000 /dev/zero >d/f; head -c 10 /dev/zero >d/e/g
truncate -s 1G d/h; ln d/f d/k; du d; du -a d | sort; du -sh d
du -b d; du --apparent-size -sh d; du -sl d; du -d0 -c d d/e
du --inodes d; du -x /proc/self/fd >/dev/null; echo $?; du --exclude=f -s d
du -t 50K -a d; du --time --time-style=+x -s d/e; du /no; echo $?; du -S d

df --output=target,fstype . /tmp /dev/shm; df -T /proc | awk '{print $2,$NF}'
df -h / | head -n 1; df -i . | awk 'NR==2 {print NF}'; df /no; echo $?
df -a | awk '{print $NF}' | sort; df --total -k / | awk '{print $1, NF}'
df . | awk '{print $NF}'; df -P /dev/sda2 | awk '{print $1,$2}'; df -t tmpfs | wc -l

touch a; rm a; rm a; echo $?; rm -f a; mkdir -p d/{e,f}/g; touch d/e/g/x; rmdir d
echo $?; rm d; echo $?; rm -d d/f/g; rm -rv d | sort; ls; mkdir -p x/y/z
rmdir -p x/y/z; ls; rm -r .; echo $?; rm -rf /no; touch -- -q; rm -- -q
rm -i a </dev/null; mkdir -m 000 k; rm -r k; rmdir /no; echo $?
rm --preserve-root -r / 2>&1 | head -n 1

mkdir d; for i in $(seq 300); do : >d/file$i; done; ls d | wc -l; rm d/file?
ls d | wc -l; rm -r d; mkdir -p $(seq -s/ 50); find . -type d | wc -l; rm -rf 1; ls

p=$(printf 'd%.0s/' {1..400}); mkdir -p $p; find . | wc -l; rm -rf d; ls
n=$(printf %255s | tr ' ' n); touch $n; ls | wc -c; touch x$n; echo $?

touch f; chmod u=rwx,g=rx,o= f; stat -c %a f; chmod +t,g+s f; stat -c %a f
chmod 644 f; chmod -v a+x f; chmod --reference=/tmp f; stat -c %a f; chmod 999 f
echo $?; mkdir d; touch d/x; chmod -R go-rwx d; stat -c %a d d/x; chmod g+s d
mkdir d/s; stat -c %a d/s; chmod 1 /no; echo $?; ln -s /no l; chmod 1 l; echo $?

touch f; chown 65534:65534 f; stat -c '%U:%G' f; chown root f; chgrp 0 f
stat -c '%u:%g' f; chown -h 5:6 f; stat -c '%u:%g' f; ln -s f l; chown -h 7 l
stat -c '%u' l f; chown --from=5 9 f; stat -c %u f; chown nosuch f; echo $?
chmod 6755 f; chown 1 f; stat -c %a f; mkdir d; chown -R 3:4 d; stat -c %u:%g d
chown -v 0:0 d; chgrp -c 1 d

touch -d '2001-02-03 04:05:06.789' f; stat -c '%Y %y' f; touch -r f g
touch -a -d @9 g; stat -c '%X %Y' g; touch -c no; ls; touch -t 202001020304.05 f
stat -c %Y f; touch -m -d '1970-01-01 UTC' f; stat -c '%Y' f; touch /no/x; echo $?
touch -d @4294967295 f; stat -c %Y f; touch -d bad f
echo $?; touch -d @0.123456789 /tmp/x; stat -c %.9Y /tmp/x; rm /tmp/x

mkfifo -m 600 p; stat -c '%F %a' p; (cat p & echo through >p; wait)
mknod n c 1 3; mknod b b 8 1; mknod q p; stat -c '%F %t %T' n b q; echo x >n
cat n; mkfifo p; echo $?; mknod x c 1; echo $?; ls -l --time-style=+ n b
mknod z c 1 5; head -c 3 z | od -An -tx1; rm n b q z p

mktemp -u xXXXX | wc -c; f=$(mktemp -p . a.XXXXXX.b); stat -c '%a %s' $f
d=$(mktemp -d -t zXXXXXX); stat -c '%a %F' $d; rmdir $d; mktemp a.XX; echo $?
mktemp -p /no; echo $?; mktemp | tr -d '[:alnum:]'

truncate -s 5 f; od -c f; truncate -s +3 f; stat -c %s f; truncate -s '<4' f
stat -c %s f; truncate -s %10 f; stat -c %s f; truncate -r f g; stat -c %s g
truncate -c -s 1 no; ls; truncate -s 1T f; echo $?; truncate -s 10G f; echo $?
stat -c '%s %b' f; truncate -s -1 /no/x; echo $?; truncate -s 0 .; echo $?

{ dd if=/dev/zero of=f bs=1k count=10
dd if=/bin/ls of=g bs=7 skip=3 count=11 seek=2 conv=notrunc status=none
od -An -tx1 g | md5sum; dd if=g bs=3 2>/dev/null | wc -c; dd if=/no; echo $?
echo abc | dd conv=ucase status=none; echo abcd | dd conv=swab status=none
dd if=/dev/zero of=/dev/full count=1 2>&1 | head -n 1; echo $?
printf abcdef | dd bs=4 conv=sync status=none | od -c
(sleep .1; echo x) | dd iflag=fullblock bs=5 count=1 status=none
dd if=f of=h oflag=direct bs=4k conv=fsync 2>&1 | head -n 2; dd if=f of=k oflag=append,sync conv=notrunc,fdatasync status=none; stat -c %s k
dd if=f iflag=nofollow,noatime status=none | wc -c
dd of=s seek=1M bs=1 count=0 status=none; stat -c %s s
dd if=/dev/zero of=s bs=1M count=2 conv=sparse status=none; stat -c '%s %b' s; } 2>&1 | grep -v copied

dd if=/dev/zero of=/dev/null bs=1M 2>out & p=$!
until grep -qx dd /proc/$p/comm && grep -q '^SigCgt:.*[2367abef]..$' /proc/$p/status
do sleep .02; done; kill -USR1 $p; until grep -q copied out; do sleep .02; done
kill $p; wait $p; echo $?; sed 's/^[0-9+]* records/N records/; s/.*copied.*/copied/' out

install -d -m 700 d; install -m 751 /bin/true d/t; stat -c '%a %n' d d/t; d/t
echo $?; install -D /etc/passwd x/y/z; ls x/y; install -o 5 -g 6 /etc/group g
stat -c %u:%g g; install -C -v /etc/group g; install -b /etc/passwd g; ls
install /no x; echo $?; install -p -T /bin/true u; [ u -nt /bin/true ]; echo $?

echo secret >f; shred -n 1 -z f; od -c f | head -n 1; shred -u f; ls
echo x >g; shred --random-source=/bin/bash -n 2 -v g 2>&1 | head -n 2
shred /no; echo $?; sync; sync -f g; sync -d g; echo $?; sync /no; echo $?

mkdir -m 711 a; mkdir -pv b/c; mkdir a; echo $?; mkdir /no/x; echo $?
stat -c %a a b; mkdir -p a/. ; echo $?; touch f; mkdir -p f/x; echo $?
mkdir ''; echo $?; (umask 077; mkdir -p u/v; stat -c %a u u/v)

# Not yet: xattr of security.
touch f; chcon user:role:type:s0 f; echo $?; runcon x true; echo $?; ls -Z f
id -Z; echo $?; stat -c %C f; mkdir -Z d; echo $?; cp -Z /etc/passwd .; echo $?

mkdir -p r/bin r/lib; cp -L /bin/ls r/bin; cp -L /lib/ld-linux.so.2 r/lib
cp -rL /lib/i386-linux-gnu r/lib; mkdir -p r/usr/lib
cp -rL /usr/lib/i386-linux-gnu/libpcre2* r/lib/i386-linux-gnu
chroot r /bin/ls /; chroot --userspec=65534 r /bin/ls -ld --time-style=+ /bin
chroot r /nosuch; echo $?; chroot /no; echo $?

env -i A=1 B=2 env; env -u HOME bash -c 'echo [$HOME]'; env -C / pwd
env -S 'printf %s- a b'; env nosuch; echo $?; env /root; echo $?; printenv HOME
printenv NO; echo $?; env -0 | tr '\0' '\n' | grep -c =
env --default-signal --ignore-signal=INT bash -c 'kill -INT $$; echo ok'
env --block-signal=USR1 --list-signal-handling true; env x=y printenv x

id; id -u; id -Gn; id nobody; id -un 65534; id nosuch; echo $?; whoami; groups
groups nobody; logname; echo $?; users; who; who -b | wc -l; pinky | head -n 1
tty </dev/null; echo $?; hostid | wc -c; who am i; nproc; nproc --ignore=1 --all
arch; uname -smno; uname -p; uname -i; hostname; env pwd -P | sed s,.*/,,

date -u -d @0; date -d '2024-02-29 +1 year' +%F; date -d '@1000000000' '+%A %j %U %s %N'
TZ=EST5EDT date -d @1700000000; date -d 'last' ; echo $?; date -I -d @86400
date -R -d @0; date --rfc-3339=ns -d @1.5; date -r /bin/ls +%Y
[ $(date +%s) -gt 1600000000 ]; echo $?; date +%::z; date -s @x; echo $?
printf '@1\n@2\n' | date -f - +%s

nice; nice -n 5 nice; nice -n 5 nice -n 3 nice; nice -n 40 nice; nice nosuch; echo $?
nice -n -3 nice; nohup echo hi; cat nohup.out; nohup nosuch; echo $?
nohup bash -c 'kill -HUP $$; echo survived' >f; cat f; nice -n x true; echo $?

timeout 60 true; echo $?; timeout .1 sleep 5; echo $?; timeout -s KILL .1 sleep 5
echo $?; timeout --preserve-status .1 sleep 5; echo $?
timeout -s WINCH -k .1 .1 sleep 9; echo $?
timeout -k .1 60 bash -c 'trap "" TERM; >ready; while :; do sleep .02; done' &
until [ -e ready ]; do sleep .02; done; kill $!; wait $!; echo $?
timeout -s INT .1 sleep 9; echo $?
timeout 60 nosuch; echo $?; timeout 0 true; echo $?; timeout --foreground .1 sleep 5
echo $?; timeout -v .1 sleep 9; timeout 60 bash -c 'exit 9'; echo $?

stdbuf -o0 printf x; stdbuf -oL grep a <<<abc; stdbuf -i0 -o1K head -n1 <<<y
(stdbuf -oL seq 3; echo end) | cat; stdbuf -oX true; echo $?
mkfifo p; (echo a; read <p; echo b) | stdbuf -oL tr ab AB | (read -t 60 x; echo got $x; echo >p; cat)

sleep .1; sleep 0.05s 0; sleep x; echo $?; stty </dev/null; echo $?
stty -F /dev/console -a | sed 's/^speed [0-9]* //'
stty -F /no; echo $?; readlink /no; echo $?; hostid >/dev/null; echo $?

# Not yet: times before 1970.
touch -d @-1 f; stat -c %Y f
