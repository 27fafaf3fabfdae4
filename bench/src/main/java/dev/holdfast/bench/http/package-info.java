/** A lean HTTP/1.1 client, so that the measuring takes little from what is measured. */
@NullMarked
package dev.holdfast.bench.http;

import org.jspecify.annotations.NullMarked;
