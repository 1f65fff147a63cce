#include <cedo/net.h>
#include <string.h>

const char *cedo_status_name(cedo_status status)
{
    switch (status) {
    case CEDO_OK: return "CEDO_OK";
    case CEDO_END: return "CEDO_END";
    case CEDO_MORE: return "CEDO_MORE";
    case CEDO_ECANCELED: return "CEDO_ECANCELED";
    case CEDO_ETIMEDOUT: return "CEDO_ETIMEDOUT";
    case CEDO_EINVAL: return "CEDO_EINVAL";
    case CEDO_ENOMEM: return "CEDO_ENOMEM";
    case CEDO_EBUSY: return "CEDO_EBUSY";
    case CEDO_EDEADLK: return "CEDO_EDEADLK";
    case CEDO_ESTATE: return "CEDO_ESTATE";
    case CEDO_ECLOSED: return "CEDO_ECLOSED";
    case CEDO_ESTOPPED: return "CEDO_ESTOPPED";
    case CEDO_EAGAIN: return "CEDO_EAGAIN";
    case CEDO_EEXIT: return "CEDO_EEXIT";
    case CEDO_ENAME: return "CEDO_ENAME";
    case CEDO_EEOF: return "CEDO_EEOF";
    case CEDO_ELIMIT: return "CEDO_ELIMIT";
    default: return status < 0 && status > -4000 ? strerror(-status) : "an error of the program";
    }
}
