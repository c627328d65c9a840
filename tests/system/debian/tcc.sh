cat >hello.c <<'E'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
int main(int argc, char **argv)
{
    printf("%s %d %.3f\n", argc > 1 ? argv[1] : "none", (int)sizeof(void *), sqrt(2));
    return argc;
}
E
tcc hello.c -lm -o hello && ./hello; echo $?; ./hello a b; echo $?
tcc -run -lm hello.c x; echo $?; ldd hello | sed 's/ (.*//; /gate/d'; stat -c %a hello
tcc -static hello.c -lm -o static && ./static; echo $?

echo 'int f(int x) { return x * 2; }' >f.c; echo 'int f(int); int v = 21;' >f.h
printf '#include "f.h"\n#include <stdio.h>\nint main() { printf("%%d\\n", f(v)); return 0; }\n' >m.c
printf 'CC = tcc\nm: m.o f.o\n\t$(CC) -o $@ $^\n%%.o: %%.c\n\t$(CC) -c -o $@ $<\n' >Makefile
make -r 2>&1 && ./m; tcc -c f.c -o f.o; tcc -ar rcs libf.a f.o; tcc m.c -L. -lf -o n && ./n
tcc -shared f.c -o libf.so && rm libf.a && tcc m.c -L. -lf -Wl,-rpath=$PWD -o s && ./s; ls

printf '#!/bin/tcc -run\n#include <unistd.h>\nint main() { write(1, "script\\n", 7); return 3; }\n' >s
chmod +x s; ./s; echo $?; tcc nosuch.c; echo $?; echo 'int main( {' | tcc -run -; echo $?
echo 'int main() { *(volatile int *)0 = 1; }' >z.c; tcc -run z.c; echo $?
echo 'int main() { return *(int *)4; }' >b.c; tcc -b -g b.c -o b && ./b 2>&1 | head -n 1
tcc -E - <<<'#define A 1
A'; tcc -v | cut -c 1-11; tcc -print-search-dirs | head -n 1

# A larger program: 3000 functions, 12000 lines.
seq 3000 | awk '{ printf "static int f%d(int x)\n{\n    return x * %d + (x >> 1);\n}\n", $1, $1 }
    END { print "#include <stdio.h>\nint (*all[])(int) = {"
    for (i = 1; i <= NR; i++) print "f" i ","
    print "}; int main(void) { unsigned s = 0; for (int i = 0; i < " NR "; i++) s += all[i](i);"
    print "printf(\"%u\\n\", s); return 0; }" }' >big.c
wc -l big.c; tcc big.c -o big && ./big; tcc -run big.c; md5sum big

cat >threads.c <<'E'
#include <pthread.h>
#include <stdio.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;
static void *run(void *argument)
{
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        count += *(int *)argument;
        pthread_mutex_unlock(&lock);
    }
    return argument;
}
int main(void)
{
    pthread_t threads[8];
    int one = 1;
    for (int i = 0; i < 8; i++)
        if (pthread_create(&threads[i], NULL, run, &one) != 0)
            return 1;
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    printf("%d\n", count);
    return 0;
}
E
tcc threads.c -lpthread -o threads && ./threads; echo $?; tcc -run threads.c; echo $?
