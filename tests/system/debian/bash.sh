a=(one 'two three' four); a+=(five); echo ${#a[@]} ${a[1]} ${!a[*]} ${a[@]:1:2} ${a[-1]}; unset 'a[1]'; echo ${!a[@]}

declare -A m=([x]=1 [y]=2); m[z]=3; for k in x y z; do printf '%s=%s ' $k ${m[$k]}; done; echo ${#m[@]}; [[ -v m[y] ]]; echo $?

x=/usr/lib/file.tar.gz; echo ${x##*/} ${x%.*} ${x%%.*} ${x/lib/LIB} ${x^^} ${#x} ${x:5:3} ${y:-none} ${y:=set} $y ${x@Q}

set -u; (echo $nothing); echo $?; set +u; set -- a b c; shift
echo $# $* $1; IFS=:; echo "$*"

echo {a..e}{1..3} {01..10..3} ~root a{b,c{d,e}}f

echo $((2**40)) $((7/2)) $((-7%3)) $((0x1f|1)) $((x=5,x++,x)) $((1<2?10:20)); ((0)); echo $?; let 'y=3*4'; echo $y

f() { local v=in; g; echo $v; }; g() { v=changed; }; v=out; f; echo $v

declare -i n=3; n+=4; declare -r c=1; echo $n; c=2; echo not reached

declare -n ref=target; ref=hello; echo $target ${!ref}; declare -p target

printf '%5d|%-5s|%05.1f|%x|%o|%q|%b|%c\n' 42 ab 3.14159 255 8 'a b' 'x\ty' z; printf -v out '%s,' 1 2 3; echo $out

printf '%(%F %T)T\n' 86399; printf '%s\n' $'\x41\u00e9\n'

LC_ALL=C.UTF-8; s=$'gr\u00fc\u00dfe'; echo ${#s} ${s^^} ${s:2:1}
LC_ALL=C; echo ${#s}

read -r a b c <<<'one two three four'; echo "$a|$b|$c"
IFS=, read -ra v <<<'x,y,z'; echo ${v[2]} ${#v[@]}

mapfile -t lines < <(seq 3); echo ${#lines[@]} ${lines[2]}
mapfile -n 2 -s 1 -t two < <(seq 5); echo ${two[@]}

getopts ab:c opt -b value; echo $opt $OPTARG $OPTIND

cat <<A; cat <<'B'; cat <<-C
home $((1+1)) $(echo sub)
A
raw $((1+1))
B
		tabs gone
	C

for i in $(seq 2000); do echo line $i of a long document; done >f
x=$(<f); cat <<<"$x" | md5sum; cat <<E | wc
$x
E

{ echo out; echo err >&2; } 2>&1 >/dev/null | tr a-z A-Z

exec 5>f; echo five >&5; exec 5>&-; echo gone >&5; cat f
exec 6<>f; read -u 6 x; echo $x; echo more >&6; cat f

exec {fd}>f; echo named >&$fd; exec {fd}>&-; cat f; echo >>f; wc -l f
set -C; echo x >f; echo $?; echo x >|f; cat f

echo a >f; cat f - <<<b; cat <f f; : >f; wc -c <f; cat </nonexistent
echo $?; echo x >/nonexistent/y; echo $?; echo x > .; echo $?

echo x >/dev/full; echo $?; echo a >/dev/stderr; echo b >/dev/fd/1
cat /dev/stdin <<<c

diff <(seq 5) <(seq 2 6); cat <(echo x) <(echo y)
seq 3 | tee >(sort -r >f); while [ ! -s f ]; do sleep .01; done; cat f

coproc { read x; echo got $x; read x; exit 4; }; p=$COPROC_PID
echo word >&${COPROC[1]}; read y <&${COPROC[0]}; echo $y
echo >&${COPROC[1]}; wait $p; echo $?

coproc bc_ { while read a b; do echo $((a+b)); done; }
for i in 1 2 3; do echo $i $i >&${bc_[1]}; read r <&${bc_[0]}; echo $r
done; eval "exec ${bc_[1]}>&-"; wait; echo done $?

false | true | false; echo ${PIPESTATUS[@]} $?; set -o pipefail
(exit 3) | true; echo $?; ! true; echo $?; true | (exit 4) | (exit 5) | true; echo $?

yes | head -n 1; echo ${PIPESTATUS[@]}; set -o pipefail
seq 100000 | head -n 1 >f; echo $?

shopt -s lastpipe; echo x | read y; echo $y

( ( (echo deep; exit 7)); echo $?; (cd /; (pwd; cd /bin; pwd); pwd)
pwd | sed s,.*/,,)

n() { [ $1 -eq 0 ] && echo bottom || (n $(($1-1))); }; n 12
echo $BASH_SUBSHELL $(echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL))

for i in 1 2 3; do (exit $i) & done; wait; echo $?; (exit 9) & wait $!; echo $?; wait 99999999; echo $?; sleep 0 & wait %1; echo $?

mkfifo p; (read <p; exit 3) & (asleep $$; exit 1) & wait -n; echo $?
echo >p; wait -n; echo $?; wait -n; echo $?

(exit 5) & p=$!; wait -n -p who $p; echo $? $((who==p))
sleep 5 & kill $!; gone $!; wait $!; echo $?
sleep 5 & p=$!; (asleep $$; kill $p) & wait $p; echo $?

trap 'echo exit $?' EXIT; trap 'echo usr1' USR1; kill -USR1 $$
kill -USR1 $BASHPID; (kill -USR1 $$); echo here; (exit 3)

trap 'echo err $? $LINENO' ERR; false; true; (exit 4); trap - ERR; false
trap 'echo ret' RETURN; f() { set -o functrace; :; }; f

trap 'echo child' CHLD; /bin/true; sleep 0; trap '' TERM; kill $$
echo alive; trap - TERM; trap -p; trap -l | head -n 2

trap 'echo int' INT; kill -INT $$; echo after; bash -c 'kill -INT $$; echo no'; echo $?

bash -c 'trap "echo t; exit 3" TERM; kill $$; sleep 5'; echo $?
bash -c 'kill -KILL $$'; echo $?; bash -c 'ulimit -c 0; kill -SEGV $$'
echo $?

trap 'echo pipe' PIPE; (trap - PIPE; while echo x; do :; done) | :
echo ${PIPESTATUS[0]}; while echo lost; do sleep .02; done 2>/dev/null | :
echo ${PIPESTATUS[0]}

(trap 'echo got; exit' USR2; >ready; while :; do sleep .02; done) & p=$!
until [ -e ready ]; do sleep .02; done; kill -USR2 $p; wait $p; echo $?

set -m; sleep 30 & jobs; kill %1; wait %1; echo $?; jobs

set -m; sleep 30 & p=$!; kill -STOP %1
while ! grep -q '^State:.T' /proc/$p/status; do sleep .02; done
jobs -s; bg %1; kill %1; gone $p; wait; echo $?; jobs
sleep 31 & p=$!; kill -STOP %1
while ! grep -q '^State:.T' /proc/$p/status; do sleep .02; done
bg %1; (asleep $$; kill $p) & disown $!; wait $p; echo $?; jobs

set -m; sleep 30 | sleep 31 & set -- $! $(jobs -p); set -- $* $(cut -d' ' -f5 /proc/$1/stat /proc/$2/stat); echo $(( $2 == $3 && $3 == $4 ))
kill -- -$3; gone $1; gone $2; wait; echo $?; jobs

set -m; (kill -STOP $BASHPID; echo resumed; exit 6) & until jobs -s | grep -q Stopped; do sleep .02; done; fg; echo $?

sleep 30 & disown; jobs; kill $!; sleep 30 & suspend; echo $?
kill $!; jobs -l >/dev/null; echo $?

exec 3< <(exec sleep 99); read -t .05 x <&3; echo $(( $? > 128 )); kill $!
read -t 0 </dev/null; echo $?; read -n 3 x <<<abcdef; echo $x
read -N 4 x <<<'ab cd'; echo "$x"; read -d : x <<<a:b; echo $x

a=$EPOCHSECONDS; SECONDS=0; b=$EPOCHSECONDS; sleep 1; c=$EPOCHSECONDS
s=$SECONDS; echo $(( s >= 1 && s >= c - b && s <= EPOCHSECONDS - a ))
TIMEFORMAT='%3R %3U %3S'; { time for i in {1..9999}; do :; done; } 2>&1 |
    awk '{print NF, ($2 > 0), ($2 + $3 <= $1 + .05)}'
timeout .2 bash -c 'while :; do :; done'; echo $?

(exec -a other sleep 9) & until grep -qzx other /proc/$!/cmdline; do sleep .02; done
tr '\0' ' ' </proc/$!/cmdline; echo; kill $!
exec -c env

(exec /nonexistent); echo $?; (exec /etc/passwd); echo $?; nosuch; echo $?
/root; echo $?; echo 'echo script $0 $1' >s; ./s; echo $?; chmod +x s
./s a; . ./s

printf '#!/bin/bash -e\nfalse\necho no\n' >s; chmod +x s; ./s; echo $?
printf '#!/no/such\n' >s; ./s; echo $?; printf '#!/bin/sed -f\ns/a/b/\n' >s
echo aaa | ./s

ulimit -n 20; ulimit -n; for i in {3..30}; do eval "exec $i</dev/null" 2>/dev/null || { echo failed at $i; break; }; done

ulimit -f 10; head -c 100000 /dev/zero >f; echo $?; wc -c <f
ulimit -S -c 0; ulimit -Hc; ulimit -t unlimited; ulimit -t

ulimit -v 40000; awk 'BEGIN {s = "0123456789abcdef"; for (;;) s = s s}' 2>&1 |
    sed 's/.*: //'; echo ${PIPESTATUS[0]}; ulimit -v

ulimit -t 1; bash -c 'while :; do :; done'; echo $?
ulimit -s 512; ulimit -s; umask; umask 027; >f; mkdir d
stat -c %a f d; umask -S

# Pending signals and processes: by the memory there is.
ulimit -a | grep -v -e '-[iu])'

for ((i=0;i<3;i++)); do for j in a b; do [ $i = 1 ] && continue 2
[ $i$j = 2b ] && break 2; echo $i$j; done; done
until ((i>5)); do ((i++)); done; echo $i

for w in apple bat cat1 ''; do case $w in [ab]*) echo ab;;& a*) echo a;;
c?t[0-9]) echo c;& zzz) echo fell;; '') echo empty;; esac; done

[[ abc123 =~ ^([a-z]+)([0-9]+)$ ]] && echo ${BASH_REMATCH[@]}
[[ x == [[:alpha:]] && ! -e /no && 3 -lt 10 && a < b ]]; echo $?

touch a1 b2 a22 .h 'c d'; mkdir -p x/y; touch x/y/a3; echo *; echo a?
echo [!a]*; shopt -s dotglob nullglob extglob globstar; echo *
echo !(a*); echo **/a*; echo none*; echo +([a-b])[0-9]

touch a b; [ a -nt b ]; echo $?; touch -d '1 hour ago' a; [ a -ot b ]
echo $?; ln a c; [ a -ef c ]; echo $?; for t in e f d L p S s r w x; do test -$t a; echo -n "$t$? "; done; echo

select x in one two; do echo $x; break; done <<<2
PS3='? '; select x in q; do break; done </dev/null; echo $?

alias ll='echo aliased'; shopt -s expand_aliases
ll x; unalias ll; type -t ll cd if cat
hash -r; cat </dev/null; hash | tail -n 1; command -v ls; builtin echo b

eval 'x=1; echo $x'; source /dev/stdin <<<'echo sourced; return 3'; echo $?
set -e; f() { false; echo in; }; f || echo caught
(false; echo no); echo unreached

pushd /tmp >/dev/null; dirs; pushd /bin; popd; popd >/dev/null; cd -P /dev/fd/
pwd | sed "s,[0-9][0-9]*,N,"; cd /; cd /no; echo $?

echo $BASHOPTS | tr : \\n | wc -l; echo $-; set -x; : traced $((1+1))
set +x; set -v; :; caller; echo $LINENO $FUNCNAME; shopt -o | head -n 3

history -s one; history; fc -l 2>&1 | head -n 2; echo $HISTCMD
bind -v 2>/dev/null | wc -l; compgen -b | head -n 4; complete -p

export X=1; env | grep ^X; Y=2 env | grep ^Y; export -n X; env | grep -c ^X
readonly Z=1; declare -px | wc -l; env -i bash -c 'export -p'

bash -c 'echo $0 $@ $#' name 1 2; echo 'echo stdin $1' | bash -s arg
bash --posix -c 'echo $POSIXLY_CORRECT'; bash -n -c 'if'; echo $?
bash -r -c 'cd /'; echo $?

ls /proc/self/fd | wc -l; echo $(asleep $$; ls /proc/$$/fd | wc -l)
readlink /proc/self/fd/0; : | readlink /proc/self/fd/0 | sed "s,[0-9][0-9]*,N,"
cat /proc/$$/comm; echo $PPID | sed "s,[0-9][0-9]*,N,"

x=$(head -c 300000 /dev/zero | tr '\0' a); echo ${#x}; /bin/echo $x | wc -c
echo $?; y=$(head -c 120000 /dev/zero | tr '\0' b); /bin/echo $y | wc -c

a=$(seq 20000); echo ${#a}; /bin/true $a; echo $?
set -- $a; echo $#; echo $* | wc

fib() { (($1<2)) && echo $1 || echo $(($(fib $(($1-1)))+$(fib $(($1-2))))); }
fib 8

f() { f $(($1+1)); }; FUNCNEST=50; f 1 2>&1 | tail -c 40
for i in {1..20}; do :|:; done; echo ${PIPESTATUS[@]}
for i in {1..20}; do sleep 0 & done; wait; echo ok

[ -t 0 ]; echo $?; tty; echo $?; stty size </dev/console >/dev/null; echo $?
echo $TERM $HOME $USER

set -m; sh -c 'trap "echo trapped; exit 3" INT; >ready; while :; do sleep .02; done' & until [ -e ready ]; do sleep .02; done; kill -INT %1; wait $!; echo $?
