getconf PAGESIZE; getconf ARG_MAX; getconf NAME_MAX /; getconf _NPROCESSORS_ONLN
getconf LONG_BIT; getconf OPEN_MAX; getconf PATH_MAX /tmp; getconf CLK_TCK; getconf -a | wc -l
getconf CHILD_MAX >/dev/null; getconf _PHYS_PAGES >/dev/null; getconf IOV_MAX; getconf LINK_MAX .

ldd /bin/bash | sed 's/ (.*//'; ldd /bin/true >/dev/null; echo $?; LD_TRACE_LOADED_OBJECTS=1 /bin/ls | wc -l; LD_BIND_NOW=1 ls /etc/passwd; LD_PRELOAD=/no.so true; echo $?
/lib/ld-linux.so.2 /bin/echo via loader; LD_DEBUG=libs true 2>&1 | grep -c init
LD_SHOW_AUXV=1 true | grep -E 'AT_(PAGESZ|CLKTCK|UID|ENTRY|PHENT|EXECFN)' | cut -c 1-20

locale -a; LC_ALL=C.UTF-8 locale charmap; iconv -f latin1 -t utf8 <<<$'\xe9' 2>&1 | sed 's/processing.*/processing/'
getent passwd root; getent group nogroup; getent passwd nosuch; echo $?; locale | head -n 1
/sbin/ldconfig -p 2>&1 | head -n 1; mkdir -p c; /sbin/ldconfig -C c/cache -n /lib/i386-linux-gnu
echo $?; tzselect </dev/null >/dev/null 2>&1; echo $?

tput -T vt100 cols; tput -T linux clear | od -c | head -n 1; infocmp -1 vt100 | wc -l
TERM=nosuch tput cols; echo $?; clear -T linux | wc -c; toe | wc -l
printf 'x|test,\n\tcols#7,\n' >t.ti; tic -o . t.ti; TERMINFO=. tput -T x cols; ls x
