/* The program with the cases of suite/. */
#include "assay.h"

int main(int argc, char **argv)
{
    return assay_main(argc, argv, NULL);
}
