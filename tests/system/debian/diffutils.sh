seq 5 >a; seq 2 6 >b; diff a b; echo $?; diff -u a b | tail -n +3; diff -y -W 20 a b
diff -c a b | tail -n +3; diff -q a b; diff a a; echo $?; diff --brief . /no; echo $?
diff -e a b; diff -D X a b; diff --color=always a b; diff -i <(echo A) <(echo a); echo $?

mkdir x y; seq 3 >x/a; seq 4 >y/a; touch x/only; ln -s a y/l; diff -r x y; echo $?
diff -rN x y; cmp x/a y/a; cmp -l <(echo abc) <(echo abd); cmp -s x/a y/a; echo $?
cmp -n 3 x/a y/a; echo $?; seq 3 >o; seq 2 3 >m; (seq 3; echo 4) >z; diff3 m o z
diff3 -m m o z; sdiff -w 20 x/a y/a; diff -s x/a x/a; diff x/a x; cmp /no x/a; echo $?
