busybox sh -c 'x=1; f() { local x=2; echo $x $# "$@"; }; f a "b c"; echo $x ${x:-y} ${#x} $((7*6)) ${PWD##*/}; for i in 1 2 3; do echo $i; done | while read l; do echo "<$l>"; done; case abc in a*) echo a;; esac'
busybox sh -c 'trap "echo usr" USR1; kill -USR1 $$; trap "echo bye" EXIT; (exit 3); echo $?; false || echo or; true && echo and; cat <<E
here $((1+1)) `echo in`
E
set -- 1 2 3; shift; echo $*; printf "%s-%03d\n" a 7; umask; ulimit -n; test -e /nope; echo $?'
busybox sh -c 'nosuch'; echo $?; busybox sh -c 'kill -9 $$'; echo $?; busybox sh -ec 'false; echo no'; echo $?

mkfifo go; cat >job.sh <<'E'
set -m; cat go >got & p=$!; jobs; kill -STOP %1
while ! grep -q '^State:.T' /proc/$p/status; do usleep 20000; done
jobs; bg; echo text >go; wait; echo $?; cat got
cat go & kill -INT %1; wait %1; echo $?; (kill -STOP $(exec sh -c 'echo $PPID'); exit 7); jobs; fg; echo $?; exit 5
E
script -qec 'busybox sh job.sh' /dev/null | tr -d '\r'; echo ${PIPESTATUS[0]}

busybox seq 3000 >f; busybox gzip -k f; busybox gunzip -t f.gz; busybox zcat f.gz | busybox cmp - f; gzip -dc f.gz | cmp - f; gzip -9c f | busybox gunzip -c | busybox md5sum; busybox bzip2 -k f; busybox bzcat f.bz2 | cmp - f; xz -k f; busybox xzcat f.xz | busybox sha256sum; busybox gunzip f 2>&1; echo $?; echo junk >j.gz; busybox gunzip j.gz 2>&1; echo $?; busybox head -c 100 f.gz | busybox zcat 2>&1 | busybox wc -c

tree
busybox tar cf a.tar t; busybox tar tf a.tar | busybox sort; tar df a.tar 2>&1; echo $?; mkdir x; busybox tar xpf a.tar -C x; find x/t -printf '%P %M %U %G %s %n %l\n' | sort; cmp t/s x/t/s; find x/t -type f -printf '%P %T@\n' | sort
[ x/t/f -ef x/t/hard ]; echo $?; busybox tar czf a.tgz t/d; busybox tar tzf a.tgz; tar cf - t/f | busybox tar xOf - t/f | busybox wc; find t | busybox cpio -o -H newc 2>/dev/null | busybox cpio -t 2>/dev/null | busybox sort | busybox md5sum; busybox tar xf /nope 2>&1; echo $?

tree
busybox find t -type f | busybox sort; busybox find t -name e -exec busybox ls -lnR {} \; | busybox awk '{ print $1, $3, $4, $5 }'; busybox du -k t/d | busybox sort; busybox ls -ln t | busybox awk 'NR > 1 { print $1, $2, $3, $4, $5, $9, $10, $11 }'; busybox stat -c '%a %U %s %h %F %N' t/*; busybox cp -a t u; busybox diff -r t/d u/d; busybox rm -r u; ls; busybox readlink -f t/soft | busybox sed 's,.*/w/,,'; busybox mv t/f t/g; busybox ln -f t/g t/f; busybox chmod -R go= t; busybox stat -c '%a %n' t t/d t/g

busybox seq 5 | busybox sed -n '2,4{s/./[&]/;p}'; busybox seq 20 | busybox awk '{ s += $1 } END { print s, NR, sprintf("%5.2f", s / NR), toupper("x"), substr("abcdef", 2, 3) }'; busybox seq 200 | busybox grep -c 1; busybox seq 9 | busybox tac | busybox head -n 3 | busybox paste -s -d, ; echo 'a:b:c' | busybox cut -d: -f 2; echo hello | busybox tr a-y b-z; busybox seq 30 | busybox xargs -n 10 echo; echo '2^64; scale=5; 1/3' | busybox bc; busybox printf '%x\n' 255; echo abc | busybox xxd; echo abc | busybox od -c; busybox seq 4 | busybox shuf | busybox sort -rn; busybox expr 6 \* 7; busybox dd if=/dev/zero bs=1000 count=3 2>/dev/null | busybox wc -c; busybox yes | busybox head -n 2; busybox factor 4294967295; busybox date -u -d @1000000000; busybox cal 2 2004; busybox fold -w 5 <<<aaaaaaaaaa; busybox tail -n +4 <(seq 5); busybox base64 <<<abc; busybox uuencode -m a <<<abc; busybox strings /bin/busybox | busybox grep -c BusyBox.v; busybox tee a b <<<x; cat a b; busybox patch 2>&1 <<E
--- a
+++ a
@@ -1 +1 @@
-x
+y
E
cat a

busybox ps -o pid,ppid,user,stat,args | busybox awk '$1 == 1'; busybox ps -o comm >l; busybox grep -c '^busybox$' l; busybox ps | busybox awk 'NR == 1'; busybox pidof init | busybox grep -cw 1; busybox top -b -n 1 | busybox awk '/^Mem:/ { print NF, $2 ~ /^[0-9]+K$/ } /^CPU:/ { print NF } /^Load/ { print NF } /^ *PID/ { print } $1 == 1 { print $2, $3, $NF }'; busybox free | busybox awk '{ print $1, NF } /^Mem/ { print ($2 >= $3 + $4) }'; busybox uptime | busybox awk '{ print NF > 5 }'; busybox id; busybox whoami; busybox nproc; busybox uname -snm; busybox hostname; busybox kill -l TERM; busybox renice -n 3 $$; nice; busybox time -f %x true 2>&1; busybox timeout 0.1 busybox sleep 9; echo $?; busybox setsid busybox true; echo $?; busybox env -i A=1 busybox env; busybox chroot / busybox pwd; busybox mktemp -u | busybox wc -c

mkdir m n; busybox mount -t tmpfs -o size=1M,mode=700 none m; busybox stat -c '%a' m; busybox mount | busybox grep -c "/w/m type tmpfs"; busybox dd if=/dev/zero of=m/f bs=64k 2>&1 | busybox grep -v copied; busybox df -k m | busybox awk 'NR == 2 { print $2, $3, $4, $5 }'; busybox mount --bind m n; busybox cmp m/f n/f; busybox mount -o remount,ro m; busybox touch m/x 2>&1; echo $?; busybox umount n; busybox umount m; busybox umount m 2>&1; echo $?; busybox rmdir m 2>&1; busybox mkdir m; busybox mount -t nosuch none m 2>&1; echo $?; busybox mount -t ext2 /nope m 2>&1; echo $?

busybox truncate -s 20M swap; busybox mkswap swap 2>&1 | busybox sed 's/UUID.*/UUID/'; busybox dd if=/dev/urandom of=swap2 bs=1M count=9 2>/dev/null; busybox mkswap -L name swap2 >/dev/null; echo $?; busybox swapon swap2; echo $?; busybox awk 'NR > 1 && /w.swap2/ { print $2, $3 }' /proc/swaps; busybox swapon swap2 2>&1; echo $?; busybox free | busybox grep -c Swap; busybox swapoff swap2; echo $?; busybox swapoff swap2 2>&1; echo $?; busybox swapon /etc/passwd 2>&1; echo $?; busybox swapon swap 2>&1; echo $?; busybox rm -f swap swap2

# vi tells an Escape that was typed from a key's by what comes within 50 ms.
printf 'one\ntwo\nthree\n' >f; shown() { until grep -qs "$1" screen; do sleep .02; done; }
edit() { script -qefc 'stty rows 24 cols 80; busybox vi f' screen; }
(shown 'f 1/3'; printf 'joinsert'; shown insert; printf '\033'; sleep .2; printf ':s/ins/INS/\r:wq\r') | edit >out; echo $?; cat f; busybox grep -c '~' out
rm screen; (shown 'f 1/4'; printf 'dd:q!\r') | edit >out; echo $?; cat f
