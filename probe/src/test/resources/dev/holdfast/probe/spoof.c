// FROM TO PORT WORD: a UDP packet that says it comes from FROM, which may be `own`.
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count != 5) return 2;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[3]))};
  struct sockaddr_in from = {.sin_family = AF_INET};
  if (inet_pton(AF_INET, words[2], &to.sin_addr) != 1) return 2;
  if (strcmp(words[1], "own") == 0) {
    socklen_t length = sizeof from;
    int asks = socket(AF_INET, SOCK_DGRAM, 0);
    if (asks < 0 || connect(asks, (struct sockaddr *)&to, sizeof to) < 0 ||
        getsockname(asks, (struct sockaddr *)&from, &length) < 0) {
      perror("own address");
      return 1;
    }
    close(asks);
  } else if (inet_pton(AF_INET, words[1], &from.sin_addr) != 1) {
    return 2;
  }
  char packet[256] = {0};
  struct iphdr *ip = (struct iphdr *)packet;
  struct udphdr *udp = (struct udphdr *)(packet + sizeof *ip);
  size_t said = strlen(words[4]), length = sizeof *ip + sizeof *udp + said;
  if (length > sizeof packet) return 2;
  ip->version = 4;
  ip->ihl = 5;
  ip->ttl = 64;
  ip->protocol = IPPROTO_UDP;
  ip->tot_len = htons((uint16_t)length);
  ip->saddr = from.sin_addr.s_addr;
  ip->daddr = to.sin_addr.s_addr;
  udp->source = htons(40000);
  udp->dest = to.sin_port;
  udp->len = htons((uint16_t)(sizeof *udp + said));
  memcpy(packet + sizeof *ip + sizeof *udp, words[4], said);
  int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (raw < 0 || sendto(raw, packet, length, 0, (struct sockaddr *)&to, sizeof to) < 0) {
    perror("raw socket");
    return 1;
  }
  puts("sent");
  return 0;
}
