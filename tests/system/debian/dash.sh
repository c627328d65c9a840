dash -c 'x=1; f() { local x=2; echo $x; }; f; echo $x; trap "echo bye" EXIT; for i in 1 2 3; do (exit $i) & done; wait; echo $((3*4)) ${x:-y} ${#x}; kill -0 $$; ulimit -n; umask; cat <<E
here $x
E
'; dash -c 'nosuch'; echo $?
dash -c 'exec 3<&0; read x <&3; echo $x' <<<word; dash -ec 'false; echo no'; echo $?
dash -c 'set -m; sleep 5 & kill %1; wait; echo $?'; dash -c 'times' | wc -l
dash -c 'sleep 5 & kill $!; while [ -e /proc/$! ]; do sleep .02; done; wait $!; echo $?'
dash -c 'sleep 5 & p=$!; (until grep -q "^State:.S" /proc/$$/status; do sleep .02; done; kill $p) & wait $p; echo $?; echo * | wc -w; test -n x && echo t'
