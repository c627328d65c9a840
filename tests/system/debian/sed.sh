seq 5 | sed -n '2,4p'; seq 5 | sed '2d;$s/5/five/'; seq 3 | sed G; seq 6 | sed -n '0~2p'
seq 3 | sed 'N;s/\n/-/'; seq 9 | sed '3,+2!d'; seq 9 | sed '/3/,/5/s/^/>/' | head -n 6

echo hello | sed -E 's/(h)(.*)/\2\1/; s/L/x/Ig'; echo abc | sed 'y/abc/xyz/'
echo path/to | sed 's,/,\n,g'; echo aaa | sed 's/a/b/2'; echo a.b | sed 's/./\U&/g'
echo 'one two' | sed 's/\w\+/[&]/g'; echo x | sed 's/x/a\tb/'

seq 10 | sed -n '$='; seq 5 | sed '1!G;h;$!d'; seq 3 | sed 'a after'
seq 3 | sed '2i before'; seq 3 | sed '2c changed'; seq 5 | sed 3q; seq 5 | sed '3q7'
echo ${PIPESTATUS[1]}; seq 3 | sed -n l; sed = /etc/group; sed --debug -n p </dev/null

seq 5 >f; sed -i 2d f; cat f; sed -i.bak 's/3/three/' f; ls; cat f f.bak
sed -s -n '$p' f f.bak; sed -n 'w out' f; cmp f out; sed '1r f.bak' out
sed -i --follow-symlinks 1d f; chmod 600 f; sed -i p f; stat -c %a f
sed -i x /no; echo $?; sed -n '/4/{p;q}' f; sed 1e'echo run' f | head -n 2

sed ':a;s/^\([0-9]*\)\([0-9]\{3\}\)/\1,\2/;ta' <<<1234567
sed -e :a -e 's/\(.*[0-9]\)\([0-9]\{3\}\)/\1,\2/;ta' <<<1234567
sed -n 'H;${x;s/\n/,/g;p}' <<<$'a\nb'; sed 's/x' <<<y; echo $?
sed -z 's/\n/+/g' <<<$'1\n2'; seq 100000 | sed -n '5~10000p' | tail -n 1
echo 's/a/b/' >s; sed -f s <<<aa; sed -u 1q <(seq 3); sed --posix 's/a\|b/x/' <<<b
