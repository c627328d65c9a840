grep -n root /etc/passwd; grep -c : /etc/passwd /etc/group; grep -v root /etc/passwd
grep nosuch /etc/passwd; echo $?; grep x /no; echo $?; grep -s x /no; echo $?

printf 'foo\nbar\nFoo bar\n' >f; grep -i foo f; grep -w bar f; grep -x bar f
grep -o 'o*' f; grep -e foo -e '^b' f; grep -b bar f; grep -E 'o{2}|^b' f
grep -F 'o b' f; egrep 'a|F' f; fgrep . f; echo $?; grep -m1 o f; grep -q o f; echo $?

grep -P '(?<=F)o+(?= )' <<<'Foo bar'; grep -oP '\d+\K.' <<<a12b
grep -E '^(.)(.).?\2\1$' <<<$'level\nabba\nabc'; grep '[[:upper:]]' <<<$'a\nB'
grep '\bx\b' <<<$'x y\nxy'; grep -z b <<<$'a\0b\0' | tr '\0' .; grep '\(' <<<x; echo $?

seq 100 | grep -A1 -B2 50; seq 100 | grep -C1 '^7$'; seq 30 | grep -c 1
seq 20 | grep --color=always 1 | head -n 2; seq 5 | grep -n -T 3
seq 3 | grep --label=in -H 2; seq 9 | grep -vn -e 1 -e 5 | tail -n 2

mkdir -p d/e; echo needle >d/a; echo hay >d/b; echo needle >d/e/c
printf 'needle\0' >d/bin; ln -s a d/l; grep -r needle d | sort
grep -R -l needle d | sort; grep -rL needle d
grep -r --include='c*' needle d; grep -rI needle d/bin; echo $?
grep --exclude-dir=e -rc needle d | sort; grep -a needle d/bin | od -c
grep -d skip x d; echo $?; grep x d; echo $?; rgrep hay d

seq 200000 >f; grep -c 7 f; grep -E '([0-9])\1\1\1' f | wc -l
grep -Fxf <(seq 5 50000 200000) f; LC_ALL=C.UTF-8 grep -ic '[é7]9' f
grep -c GNU /bin/bash; grep -bo GNU /bin/ls | head -n 2
zgrep -c 1 <(seq 20 | gzip); grep . f >>f; echo $?
