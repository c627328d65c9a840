mkdir -p d/e/f; touch d/a.c d/e/b.c d/e/f/c.h; ln -s a.c d/l; find d | sort
find d -name '*.c' -type f | sort; find d -type d -printf '%d %p %y\n' | sort; find d -maxdepth 1 -mindepth 1 | sort; find d -empty | sort; find d -lname '*' -printf '%l %s\n'; find -L d -type l; find d/.. -prune

mkdir d; touch -d @1000000000 d/old; touch d/new; touch -d @1200000000 ref; find d -newer ref -type f
find d ! -newer ref; find d -newermt 2005-01-01 -type f; find d -mtime +100
find d -mmin -5 -type f; find d -anewer ref -type f; find d -name old -printf '%TY %T@ %t\n'
find d -daystart -mtime 0 -type f

touch a b c; chmod 600 a; chmod 4755 b; chmod 644 c; find . -perm 600
find . -perm -4000; find . -perm /022; find . -type f -perm -a+r | sort
find . -type f -executable; find . -user root -type f | wc -l; find . -uid 5
find . -nouser; find . -type f -printf '%m %M %u %n %f %h\n' | sort

seq 1000 >big; : >small; ln small hard; find . -size +1k; find . -type f -size 0 | sort; find . -links 2 | sort; find . -samefile small | sort; find . -size -2k -type f | sort; find . -name big -printf '%s %k %b\n'; find . -type f -printf x | wc -c

touch a b 'c d'; find . -type f -exec echo {} \; | sort; find . -type f -exec echo {} + | wc -w; find . -type f -execdir echo {} \; | sort
find . -name a -exec false \; -print; find . -name a -exec false \; -o -name a -print
find . -type f -print0 | sort -z | xargs -0 -n1 echo; find . -name a -delete
ls; find . -ok true \; </dev/null; find . -name b -quit; find -exec nosuch {} \; | head
echo $?

find /proc/self/fd -maxdepth 0 -fstype proc; find / -xdev -maxdepth 1 | sort
find /no; echo $?; find . -nosuch; echo $?; find . -regex './[a-z]*'; find /etc -path '*/pass*' -o -name group | sort; find /dev -maxdepth 1 -type c -name 'n*'
find / -xdev -name ls -type f; find . -depth -mindepth 1; find -O3 /etc -iname 'PASS*'
find /etc -name passwd -ls | awk '{print $3,$4,$5,$6,$7,$NF}'; find . -files0-from /dev/null

mkdir -p $(seq -s/ 60); for i in $(seq 200); do : >1/$i; done; find . -type f | wc -l
find 1 -depth -type f -delete; find . -type d | wc -l; find . -depth -type d -empty -delete; ls

seq 10 | xargs; seq 10 | xargs -n 3; seq 3 | xargs -I{} echo a{}b; echo 'a b' | xargs -d' ' -n1; seq 5 | xargs -L 2 echo; xargs -r echo </dev/null; xargs echo </dev/null
seq 3 | xargs -t -n1 true; seq 3 | xargs false; echo $?; seq 3 | xargs nosuch; echo $?
echo 1 | xargs bash -c 'exit 255'; echo $?; seq 2 | xargs bash -c 'kill -9 $$'; echo $?
echo "'a b' c\\\\ d" | xargs -n1; seq 3 | xargs -a <(seq 7 9) -x -s 20

seq 12 | xargs -P 4 -n 1 sh -c 'sleep .0$1; echo $1' - | sort -n | paste -sd,
seq 40 | xargs -P 0 -I{} sh -c 'exit 0'; echo $?; seq 8 | xargs -P 3 -n 2 echo | wc -w
seq 100000 | xargs echo | wc -l; seq 100000 | xargs -n 5000 echo | md5sum
seq 100000 | xargs -n 600 -P 2 echo | sort -n | md5sum
seq 20000 | xargs -s 4096 echo | wc -l; xargs --show-limits -r </dev/null 2>&1 | tail -n 4
seq 3 | xargs --process-slot-var=S -P2 -n1 sh -c 'test $S -lt 2 && echo ok'
