"""Where runs are followed from elsewhere: one file a service, chosen by `tracker=`."""
