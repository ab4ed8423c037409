/* SPDX-License-Identifier: ISC */
/*
 * Runs a command and says what it took:
 *
 *	measure INTERFACE COMMAND... >OUTPUT 3>FIGURES
 *
 * One line on descriptor 3: wall time and CPU time in microseconds, peak memory in kB, frames
 * sent through INTERFACE, exit status, and the time until its output ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The tenth figure of the interface's line in /proc/net/dev. */
static long long frames_sent(const char *interface)
{
	FILE *file = fopen("/proc/net/dev", "r");
	char line[512], name[64];
	long long sent, found = -1;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %63[^:]: %*d %*d %*d %*d %*d %*d %*d %*d %*d %lld", name,
			   &sent) == 2 &&
		    strcmp(name, interface) == 0)
			found = sent;
	}
	if (file)
		fclose(file);
	return found;
}

/* Copies the command's output, so that it is known when it ends. */
static long long copy_output(int from)
{
	char buffer[65536];
	ssize_t length;

	while ((length = read(from, buffer, sizeof(buffer))) > 0) {
		if (write(STDOUT_FILENO, buffer, (size_t)length) != length)
			exit(125);
	}
	return now_us();
}

static long long cpu_us(const struct rusage *usage)
{
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000LL +
	       usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

int main(int argc, char *argv[])
{
	long long began, output, sent;
	struct rusage usage;
	int status, pipe_fd[2];
	pid_t pid;

	if (argc < 3 || pipe(pipe_fd) < 0)
		return 125;
	sent = frames_sent(argv[1]);
	began = now_us();
	pid = vfork();
	if (pid == 0) {
		dup2(pipe_fd[1], STDOUT_FILENO);
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		close(3);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	close(pipe_fd[1]);
	output = copy_output(pipe_fd[0]) - began;
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 125;
	began = now_us() - began;
	dprintf(3, "%lld %lld %ld %lld %d %lld\n", began, cpu_us(&usage), usage.ru_maxrss,
		frames_sent(argv[1]) - sent,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output);
	return 0;
}
