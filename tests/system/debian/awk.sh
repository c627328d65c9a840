awk -F: '{print $1, NF, NR}' /etc/passwd; awk 'BEGIN {print 2^10, 7%3, 1/3, 1e6, length("abc"), substr("hello",2,3), index("abc","c"), toupper("x"), -3 % 2}'

seq 10 | awk '{s+=$1} END {print s, s/NR}'; seq 5 | awk 'NR%2'
seq 5 | awk '/2/,/4/'; echo 'a b c' | awk '{$2="X"; print; NF=2; print}'

printf 'x 1\ny 2\nx 3\n' | awk '{a[$1]+=$2} END {n=asorti(a,k); for(i=1;i<=n;i++) print k[i], a[k[i]]; delete a["x"]; print length(a), ("x" in a)}'

awk 'BEGIN {while (("seq 3" | getline x) > 0) print "got", x; close("seq 3"); while ((getline line < "/etc/group") > 0) n++; print n; "nosuch_" | getline; print system("exit 3"), system("kill -9 $$")}'; echo $?

awk 'BEGIN {print "b\na" | "sort"; close("sort"); print "x" > "f"; close("f"); print "y" >> "f"; close("f"); while ((getline l < "f") > 0) print l; print "e" > "/dev/stderr"; print getline < "/no"; printf "%s" , "z" | "cat; echo"}'

awk 'BEGIN {c = "sort"; print "2\n1" |& c; close(c, "to"); while ((c |& getline x) > 0) print x; print close(c)}'

awk 'BEGIN {printf "%5.2f|%-5s|%05d|%c|%x|%e|%i\n", 3.14159, "ab", 42, 65, 255, 12345.678, 3.9; print substr("x", 0), 1==1.0, "a"<"b", "10"<9, !x, 1 " " 2}'

awk '{gsub(/o/,"0"); n=gsub(/l/,"L"); print n, $0; sub(/^./,"[&]"); print; print match($0,/L+/), RSTART, RLENGTH; print gensub(/(.)(.)/,"\\2\\1","g"); n=split($0,p,""); print n}' <<<'hello world'

awk 'function f(n) {return n<2?n:f(n-1)+f(n-2)} BEGIN {print f(18); print strftime("%F", 86400, 1), mktime("1970 01 02 00 00 00"); srand(1); x=rand(); srand(1); print x==rand(), int(3.9), sqrt(16), exp(0), atan2(0,-1)}'

awk 'BEGIN {for (i=0;i<200000;i++) a[i]=i*i; for (i in a) s+=a[i]; print s, length(a); while (j<3) {j++; if (j==2) continue; print j}; do {k++} while (k<5); print k; exit 4}'
echo $?

awk 'BEGIN {RS=""; FS="\n"} {print NR": "$1"/"$2}' <<<$'a\nb\n\nc\nd'
awk -v RS=';' '{print}' <<<'1;2'; awk -v FIELDWIDTHS='2 3' '{print $2}' <<<abcdef
awk -v FPAT='[a-z]+' '{print $2, NF}' <<<'a1b2c'; awk 'BEGINFILE {print FILENAME} ENDFILE {print FNR}' /etc/group; awk '{nextfile}' /no; echo $?

awk -M -v PREC=100 'BEGIN {print 2^200}'; awk --posix 'BEGIN {print length()}' </dev/null
awk 'BEGIN {print ENVIRON["HOME"], ARGC, ARGV[1], PROCINFO["version"]}' x
awk 'BEGIN {print PROCINFO["uid"], PROCINFO["egid"]; print toupper(1'; echo $?
gawk --lint 'BEGIN {print x}'; echo 'BEGIN {print "file"}' >p; awk -f p
seq 200000 | awk '{print $1*2 | "tail -n 1"}'; awk 'BEGIN {print 1 > "/dev/full"}'
echo $?; awk -i inplace '{print $0 "!"}' p; cat p
